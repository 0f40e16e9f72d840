"""Schedules that break a policy in the model break it in the kernel."""

from __future__ import annotations

import json
import subprocess

import pytest

from cocotb_tests.protocol.spin import SIZES, require_spin
from cocotb_tests.sw import qemu
from cocotb_tests.sw.test_changed_kernels import changed_kernel
from sim import cli
from sim.errors import UserError
from sim.protocol.conditions import Condition
from sim.protocol.directed import directed
from sim.protocol.verdict import decide
from sim.workload.format import Op, OpKind, encode


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


SCARCE, ENOUGH = 24, 80
"""Pages of the pool: sleepers are collected from, or never."""


def test_what_breaks_p5_keep_in_the_model_breaks_it_in_the_kernel(tmp_path, monkeypatch):
    """A sleeper's pages are taken that it has asked for, and it goes deeper again.

    Its trap finds no room for the frame either, and traps for ever: the run does not end.
    """
    monkeypatch.setattr(qemu, "TIMEOUT_SECONDS", 10)

    def run(pages: int, depth_after: int) -> int:
        directory = tmp_path / f"{pages}-{depth_after}"
        image = changed_kernel(
            "P5-keep",
            "kernel/memory_layout.h",
            "#define POOL_END UL(0x86000000)",
            f"#define POOL_END (POOL_BASE + {pages} * PAGE_SIZE)",
            directory,
        )
        sleep = Op(
            OpKind.SLEEP,
            depth=9008,
            sleep_depth=1008,
            sleep_ticks=20_000,
            depth_after=depth_after,
        )
        workload = qemu.uniform_workload(*(sleep,) * 3, threads=8)
        return qemu.run_on_qemu(image, encode(workload), directory).code

    assert run(SCARCE, depth_after=0) == 0
    assert run(ENOUGH, depth_after=9008) == 0
    with pytest.raises(subprocess.TimeoutExpired):
        run(SCARCE, depth_after=9008)


def test_a_schedule_that_no_workload_can_say():
    require_spin()
    found = decide("P3", SIZES).breaks_under(Condition.SHARED)
    assert found is not None
    with pytest.raises(UserError, match="a workload cannot say: thread"):
        directed(found.schedule, SIZES.harts)
