"""Threads that wait with all of their stack in use."""

from __future__ import annotations

import pytest

from rtl.presets import preset
from sim import firmware
from sim.measure import Run, simulate
from sim.workload.format import encode
from sim.workload.threads import MAX_DEPTH, Op, OpKind, Thread, Workload

POLICIES = ("P1", "P3", "P3-margin", "P5", "P8", "P12")


@pytest.mark.parametrize("policy", POLICIES)
def test_a_thread_that_waits_at_the_bottom_keeps_its_stack(policy):
    """Less than P3-margin's margin is left below: the end of it was computed below the stack."""
    wait = Op(OpKind.WAIT, depth=MAX_DEPTH, sleep_depth=MAX_DEPTH)
    wake = Op(OpKind.WAKE, user_work=2_000, depth=512, thread=0)
    threads = (Thread(0, (wait, Op(OpKind.EXIT))), Thread(0, (wake, Op(OpKind.EXIT))))
    workload = Workload(threads, ("wait",), tick_interval=1_000)
    image = firmware.build_kernel(policy, waits=True)
    run = Run(policy, "deep-wait", workload, image, preset("rocket"))
    _, result = simulate(run, encode(workload))
    assert not result.findings
