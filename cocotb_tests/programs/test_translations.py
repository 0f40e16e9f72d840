"""Programs that use translations which have changed, and what the oracle says of each."""

import json
from dataclasses import replace

import pytest

from rtl.presets import preset
from sim import bench, cli, model
from sim.job import Job, JobResult

from . import suite

CHOSEN = preset("tiny")
SOC = replace(CHOSEN.soc, harts=2)
TESTS = {
    # Counts before the fence: stale, harmful, spurious.
    "another_page_until_the_fence": (2, 0, 0),
    "no_page_until_the_fence": (1, 0, 0),
    "less_permission_until_the_fence": (1, 0, 0),
    "a_superpage_until_any_address_in_it_is_fenced": (2, 0, 0),
    "another_address_space_without_a_fence": (1, 0, 0),
    "a_fault_that_a_walk_would_not_take": (0, 0, 1),
    "a_fence_of_one_hart_leaves_another_with_the_old_page": (3, 0, 0),
    "a_stack_that_came_back_to_a_hart": (2, 2, 0),
    "a_stack_that_came_back_to_a_hart_which_fences_it": (0, 0, 0),
}
"""In the order of the image."""


def image():
    return suite.build_for_harts(suite.DIRECTORY / "translations" / "stale.c")


def run(name: str, directory) -> JobResult:
    request = (0, list(TESTS).index(name), 1)
    work = Job(
        image(),
        SOC,
        CHOSEN.straps,
        max_cycles=2_000_000,
        blobs=((suite.REQUEST, suite.request(directory, request, SOC.harts)),),
    )
    result = bench.run_bare(model.build_bare(SOC), work, directory)
    verdicts = suite.Verdicts(result.console)
    verdicts.check()
    assert set(verdicts.results) == {name}
    return result


@pytest.mark.parametrize("name", TESTS)
def test_what_is_reported(tmp_path, name):
    result = run(name, tmp_path)
    counts = result.translations
    assert counts.stale[1] == counts.harmful[1] == counts.spurious[1] == 0
    assert (counts.stale[0], counts.harmful[0], counts.spurious[0]) == TESTS[name]
    assert counts.stale_accesses == len(result.findings) == counts.harmful[0]


def test_the_finding_of_a_stack_that_came_back_to_a_hart(tmp_path):
    """The schedule of claim H31: T reads and writes the page that is U's by now."""
    load, store = run("a_stack_that_came_back_to_a_hart", tmp_path).findings
    assert (load.kind, load.after_fence, load.hart) == ("harmful", False, 0)
    assert (load.access, store.access) == ("load", "store")
    assert load.vaddr == store.vaddr == 0x2001_0040
    assert load.used_paddr == store.used_paddr
    assert load.walked_paddr == store.walked_paddr
    assert load.walked_paddr is not None
    assert load.used_paddr is not None
    assert load.walked_paddr == load.used_paddr + 0x1000
    assert 0 < load.age < store.age
    assert load.cycle - load.age == store.cycle - store.age
    assert load.cycle < store.cycle


def test_the_counts_are_in_the_outcome_of_a_run(tmp_path, capfd):
    """All tests in one image, as `dynstack run` has it."""
    file = tmp_path / "outcome.json"
    words = ["run", str(image()), "--preset", "tiny", "--harts", "2", "--json", str(file)]
    assert cli.main(words) == 0
    outcome = json.loads(file.read_text())
    counts = outcome["translations"]
    assert counts["stale"]["after_fence"] == 0
    assert counts["stale"]["before_fence"] > counts["harmful"]["before_fence"] >= 2
    assert len(outcome["findings"]) == counts["harmful"]["before_fence"]
    assert "harmful load" in capfd.readouterr().err
