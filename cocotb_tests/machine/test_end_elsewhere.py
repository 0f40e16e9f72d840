"""A thread that another hart runs to its end before the switch away from it is over."""

from __future__ import annotations

import shutil
from pathlib import Path

from rtl.presets import preset
from sim import firmware
from sim.claims.trial import Change
from sim.measure import Run, simulate
from sim.workload.format import encode
from sim.workload.threads import Op, OpKind, Thread, Workload

UNLOCKED = "    spin_unlock(&this_hart()->lock);\n    return dead;\n"
DEAD = "    current_thread()->state = THREAD_DEAD;\n"


def wait(rounds: int, condition: str) -> str:
    """As if interrupts of M-mode came here, for a long while. No access goes past it."""
    loop = f"    for (volatile u64 i = 0; i < {rounds} && {condition}; i++) {{\n    }}\n"
    barrier = '    asm volatile("" ::: "memory");\n'
    return barrier + loop + barrier


SLOW = (
    Change(
        "kernel/sched.c",
        UNLOCKED,
        UNLOCKED.replace(
            "    return", wait(20_000, "!this_hart()->id && !prev->kernel_thread") + "    return"
        ),
    ),
    Change("kernel/thread.c", DEAD, DEAD + wait(40_000, "!current_thread()->index")),
)
"""Hart 0 is slow after it unlocks the run queue, and hart 1 when the thread is dead there."""
TOO_LATE = Change(
    "kernel/sched.c",
    "    return dead;\n",
    "    dead = prev->state == THREAD_DEAD ? prev : NULL;\n    return dead;\n",
)


def meeting() -> Workload:
    """A thread of hart 0 that waits, and comes to its end on hart 1, where another wakes it.

    A third one goes on for longer: that the others are gone does not end the run.
    """
    waits = (Op(OpKind.WAIT, user_work=10, depth=2000, sleep_depth=640, harts=1), Op(OpKind.EXIT))
    wakes = (Op(OpKind.WAKE, user_work=5_000, depth=512, thread=0), Op(OpKind.EXIT))
    longer = (*(Op(OpKind.CALL, user_work=100_000, depth=512),) * 3, Op(OpKind.EXIT))
    threads = (Thread(0, waits, home=0), Thread(1, wakes, home=1), Thread(1, longer, home=0))
    return Workload(threads, ("wait",), tick_interval=100_000, pinned=True, harts=2)


def stale_translations(directory: Path, *changes: Change) -> int:
    """How often a thread went on using a stack that had been taken away."""
    tree = directory / "sw"
    shutil.copytree(firmware.SOURCES, tree)
    for change in changes:
        change.apply(tree)
    image = firmware.build_kernel("P1", sources=tree, waits=True)
    workload, machine = meeting(), preset("rocket").with_harts(2)
    _, result = simulate(Run("P1", "meeting", workload, image, machine), encode(workload))
    return sum(result.translations.stale)


def test_who_left_it_does_not_release_it(tmp_path):
    assert stale_translations(tmp_path, *SLOW) == 0


def test_a_state_that_is_read_too_late_is_noticed(tmp_path):
    """What the kernel did: it released the thread while that was on its way out on hart 1."""
    assert stale_translations(tmp_path, *SLOW, TOO_LATE) > 10_000
