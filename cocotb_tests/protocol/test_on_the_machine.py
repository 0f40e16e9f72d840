"""Schedules that break a policy in the model break it in the kernel."""

from __future__ import annotations

import json

import pytest

from cocotb_tests.protocol.spin import SIZES, require_spin
from sim import cli
from sim.errors import UserError
from sim.protocol.conditions import Condition
from sim.protocol.directed import directed
from sim.protocol.verdict import decide


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
