"""Schedules that break a policy in the model break it in the kernel, on the RTL."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from cocotb_tests.protocol.schedules import (
    CONTROLS,
    DEMONSTRATIONS,
    NOT_ON_THIS_MACHINE,
    Demonstration,
)
from cocotb_tests.protocol.spin import SIZES, require_spin
from rtl.presets import preset
from sim import cli, firmware
from sim.errors import UserError
from sim.measure import Run, simulate
from sim.protocol.conditions import Condition
from sim.protocol.directed import directed, workload_that_shows
from sim.protocol.safety import BREAKS
from sim.protocol.schedule import Fault
from sim.protocol.verdict import decide
from sim.summary import summarise
from sim.workload.format import encode

HARMFUL = {
    (policy, frozenset(least))
    for policy, breaks in BREAKS.items()
    for least, fault in breaks.items()
    if fault is Fault.HARMFUL
}


def test_what_breaks_p4_in_the_model_is_harmful_on_the_rtl(tmp_path, monkeypatch):
    """The oracle sees it, and the kernel finds the frames damaged; a fence at the switch cures."""
    require_spin()
    monkeypatch.setenv("DYNSTACK_RESULTS_DIR", str(tmp_path / "results"))
    workload, figures = tmp_path / "p4.workload", tmp_path / "figures.json"
    assert cli.main(["protocol", "P4", "--workload", str(workload)]) == 0
    command = ["measure", "--harts", "2", "--workload", str(workload)]
    assert cli.main([*command, "--policy", "P4,P4-migfence", "--json", str(figures)]) == 0
    runs = {run["variant"]: run for run in json.loads(figures.read_text())["runs"]}
    assert {finding["kind"] for finding in runs["P4"]["findings"]} == {"harmful"}
    assert runs["P4"]["damaged_frames"] > 0
    assert runs["P4-migfence"]["findings"] == []
    assert runs["P4-migfence"]["damaged_frames"] == 0


def test_a_schedule_that_no_workload_can_say():
    require_spin()
    found = decide("P3", SIZES).breaks_under(Condition.SHARED)
    assert found is not None
    with pytest.raises(UserError, match="a workload cannot say: thread"):
        directed(found.schedule, SIZES.harts)


def test_each_break_is_shown_on_the_rtl_once_or_cannot_be():
    built_in = {one for one in HARMFUL if workload_that_shows(*one)}
    assert built_in | DEMONSTRATIONS.keys() | NOT_ON_THIS_MACHINE.keys() == HARMFUL
    assert len(built_in) + len(DEMONSTRATIONS) + len(NOT_ON_THIS_MACHINE) == len(HARMFUL)


def findings(policy: str, shown: Demonstration, seed: int, directory: Path) -> list[dict]:
    """What the oracle finds in a run, whose kernel completes it and accounts for every page."""
    tree = directory / f"sw-{seed}"
    shutil.copytree(firmware.SOURCES, tree)
    for change in shown.changes:
        change.apply(tree)
    workload = shown.workload
    image = firmware.build_kernel(policy, sources=tree, waits=workload.waits)
    chosen = preset("rocket").with_harts(workload.harts)
    chosen = replace(chosen, straps=replace(chosen.straps, speculative_walk_seed=seed))
    run = Run(policy, "directed", workload, image, chosen)
    return summarise(run.identity, *simulate(run, encode(workload)))["findings"]


@pytest.mark.parametrize(
    ("policy", "conditions"),
    [
        pytest.param(*one, id=f"{one[0]}, {' and '.join(sorted(c.label for c in one[1]))}")
        for one in DEMONSTRATIONS
    ],
)
def test_another_page_is_met_on_the_rtl(policy, conditions, tmp_path):
    """On a kernel, or with a walker, that gives what the model's conditions say, and without a
    fence that was missed."""
    shown = DEMONSTRATIONS[policy, conditions]
    found = (findings(policy, shown, seed, tmp_path) for seed in shown.seeds)
    first = next(filter(None, found), [])
    assert {finding["kind"] for finding in first} == {"harmful"}


@pytest.mark.parametrize("why", CONTROLS)
def test_without_one_condition_nothing_is_met(why, tmp_path):
    policy, shown = CONTROLS[why]
    assert findings(policy, shown, 0, tmp_path) == []
