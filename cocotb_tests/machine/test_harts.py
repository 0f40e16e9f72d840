"""The kernel on machines of several harts: remote fences, and the schedules of H31 and H4."""

from __future__ import annotations

import json

import pytest

from cocotb_tests.machine.golden_table import TWO_HARTS, TWO_HARTS_POLICIES
from sim import cli, firmware
from sim.protocol.safety import DIRECTED
from sim.workload.directed import shared_object
from sim.workload.format import encode

TINY = ("--preset", "tiny", "--harts", "2")


@pytest.fixture
def measure(tmp_path, monkeypatch):
    monkeypatch.setenv("DYNSTACK_RESULTS_DIR", str(tmp_path / "results"))

    def run(*arguments: str) -> dict[str, dict]:
        """Runs of `dynstack measure` by policy."""
        figures = tmp_path / "figures.json"
        command = ["measure", "--policy", "all", *arguments, "--json", str(figures)]
        assert cli.main(command) == 0
        return {run["variant"]: run for run in json.loads(figures.read_text())["runs"]}

    return run


def test_forms_of_the_remote_fence(tmp_path):
    figures = tmp_path / "fences.json"
    assert cli.main(["fences", *TINY, "--json", str(figures)]) == 0
    rows = {row["form"]: row for row in json.loads(figures.read_text())["rows"]}
    assert set(rows) == {"sbi", "ipi", "broadcast"}
    for form in ("sbi", "ipi"):
        assert rows[form]["initiator"] > rows["broadcast"]["initiator"]
        # Until it has fenced, at the least; what follows is its own affair.
        assert rows[form]["initiator"] > rows[form]["responder"] / 2 > 50
    assert rows["broadcast"]["responder"] == 0


def test_h31_damages_another_stack_under_p4_and_under_nothing_else(measure):
    """The kernel itself notices: words on the stack of a sleeper are not what they were."""
    fenced = [name for name in firmware.policies() if name.startswith(("P4", "P11"))]
    policies = list(dict.fromkeys([*TWO_HARTS_POLICIES, *fenced]))
    runs = measure("--harts", "2", "--workload", "h31", "--policy", ",".join(policies))
    damaged = {policy: run["damaged_frames"] > 0 for policy, run in runs.items()}
    assert damaged == {policy: policy == "P4" for policy in policies}
    # So does the oracle: a page that belongs to another thread, and no fence that was missed.
    stale = {policy: run["stale_accesses"] > 0 for policy, run in runs.items()}
    assert stale == damaged
    assert {finding["kind"] for finding in runs["P4"]["findings"]} == {"harmful"}
    for run in runs.values():
        assert run["translations"]["checked"] > 50_000
        assert run["translations"]["stale"]["after_fence"] == 0
        assert run["translations"]["spurious_faults"]["after_fence"] == 0
    TWO_HARTS.check([runs[policy] for policy in TWO_HARTS_POLICIES])


SPARED = ("P0", "P1", "P4-ipi", "P4-shared", "P9", "P11-pending")


@pytest.mark.parametrize("workload", ["h4", "h4-epoch"])
def test_h4_misleads_who_reads_an_object_on_a_stack_that_was_unmapped(workload, measure):
    """A waker reads the entry of a wait queue, and finds a frame of another thread in its place."""
    exposed = DIRECTED[workload]
    policies = [*sorted(exposed), *SPARED]
    runs = measure("--harts", "2", "--workload", workload, "--policy", ",".join(policies))
    damaged = {policy: run["damaged_frames"] for policy, run in runs.items()}
    assert damaged == {policy: int(policy in exposed) for policy in policies}
    for policy, run in runs.items():
        assert (run["stale_accesses"] > 0) == (policy in exposed), policy
        assert {finding["kind"] for finding in run["findings"]} <= {"harmful"}
    if workload == "h4":
        # P4-ipi interrupts at each exit, P4-shared where the stack was shared: at both of T's.
        assert runs["P4-shared"]["phases"]["ipi"]["count"] == 2
        assert runs["P4-ipi"]["phases"]["ipi"]["count"] > 20


def test_a_hart_that_only_reads_keeps_translations_of_the_stack(measure, tmp_path):
    """T never runs on the hart that wakes it: a fence where it arrives does not help."""
    file = tmp_path / "readers.bin"
    file.write_bytes(encode(shared_object(wakers=(2, 2))))
    policies = ("P4", "P4-migfence", "P4-shared")
    runs = measure("--harts", "4", "--workload", str(file), "--policy", ",".join(policies))
    stale = {policy: run["stale_accesses"] for policy, run in runs.items()}
    assert {policy: count > 0 for policy, count in stale.items()} == {
        "P4": True,
        "P4-migfence": True,
        "P4-shared": False,
    }
    assert {finding["hart"] for finding in runs["P4"]["findings"]} == {2}
