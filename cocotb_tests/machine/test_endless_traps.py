"""A kernel that traps in its own entry is stopped, and told so, long before its cycles run out."""

from __future__ import annotations

import shutil

import pytest

from cocotb_tests.sw.qemu import uniform_workload
from rtl.presets import preset
from sim import firmware
from sim.claims.trial import Change
from sim.errors import UserError
from sim.measure import Run, simulate
from sim.workload.format import encode
from sim.workload.threads import Op, OpKind

PAGES_ARE_NEVER_ENOUGH = Change(
    "policies/p5.h",
    "u64 needed = (bytes + MARGIN + PAGE_SIZE - 1) / PAGE_SIZE;",
    "u64 needed = bytes / THREAD_SIZE;",
)


def test_a_call_deeper_than_its_stack(tmp_path):
    """P5 has no check at a trap: its frame goes onto the page that is missing, which traps."""
    tree = tmp_path / "sw"
    shutil.copytree(firmware.SOURCES, tree)
    PAGES_ARE_NEVER_ENOUGH.apply(tree)
    image = firmware.build_kernel("P5", sources=tree)
    workload = uniform_workload(Op(OpKind.CALL, depth=9008))
    run = Run("P5", "uniform", workload, image, preset("rocket"))
    with pytest.raises(UserError, match="hart 0 took 1001 traps and returned from none") as failure:
        simulate(run, encode(workload))
    assert "xcause 0xf" in str(failure.value)
