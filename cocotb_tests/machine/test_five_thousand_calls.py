"""Every policy for 5,000 system calls on two harts, with the oracle on and pages accounted for."""

from __future__ import annotations

from functools import cache

import pytest

from rtl.presets import preset
from sim import firmware
from sim.measure import Run, simulate
from sim.soak import unexpected
from sim.summary import summarise
from sim.workload.format import encode
from sim.workload.threads import SYSTEM_CALLS, Op, OpKind, Thread, Workload

CALLS = 5_000
THREADS = 4
RARE = (OpKind.SLEEP, OpKind.FAULT, OpKind.YIELD)
DEPTHS = (5008, 1200, 9008, 15008)
PAGES_OF_AN_ENTRY = 3


@cache
def workload() -> Workload:
    """Short calls, and every kind of entry at every depth among them.

    Each sleeper wakes on the other hart.
    """

    def op(number: int) -> Op:
        if number % 100:
            return Op(OpKind.CALL, user_work=1, depth=480)
        kind = RARE[number // 100 % len(RARE)]
        sleeps = kind is OpKind.SLEEP
        return Op(
            kind,
            user_work=number % 40,
            depth=DEPTHS[number // 100 % len(DEPTHS)],
            sleep_depth=480 if sleeps else 0,
            sleep_ticks=20 if sleeps else 0,
            harts=1 if sleeps else 0,
        )

    ops = tuple(op(number) for number in range(CALLS * 300 // 299 // THREADS + 1))
    return Workload(
        tuple(
            Thread(number % 2, (*ops[number:], *ops[:number], Op(OpKind.EXIT)))
            for number in range(THREADS)
        ),
        calls=("call",),
        tick_interval=200,
        harts=2,
        counts_damage=True,
    )


def summary(policy: str) -> dict:
    chosen = preset("rocket").with_harts(2)
    run = Run(policy, "random-calls", workload(), firmware.build_kernel(policy), chosen)
    return summarise(run.identity, *simulate(run, encode(workload())))


@pytest.mark.parametrize("policy", firmware.policies())
def test_a_policy_for_five_thousand_calls(policy):
    run = summary(policy)
    assert run["syscalls"] == workload().count(*SYSTEM_CALLS) >= CALLS
    assert run["migrations"] >= workload().count(OpKind.SLEEP)
    assert run["ipis"] > 0
    # Where nothing may be found, nothing is; the directed schedules find what there is.
    assert unexpected(policy, [run]) == []
    if policy == "P4":
        assert run["pages_returned"] > 0, "pages go home"
    elif policy == "P4-local":
        assert run["pages_returned"] == 0, "they stay where they are"
    elif policy == "P4-migfence":
        mapped = PAGES_OF_AN_ENTRY * run["phases"]["map"]["count"]
        migrating = run["phases"]["invalidate"]["fences"] - mapped
        assert migrating > 0
        assert migrating % PAGES_OF_AN_ENTRY == 0
