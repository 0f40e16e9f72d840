"""H12: whether a stack fault takes constant time."""

from __future__ import annotations

from sim.statistics import nearest_rank
from sim.workload.threads import Op, OpKind, Thread, Workload

from .claim import Claim, Decision, Figures, holds, refuted, undecided
from .lab import Lab
from .trial import Trial, trial
from .workloads import EXIT, SHALLOW, depth_of_pages

_ROUNDS = 150
_WARM_UP = 10
_NEXT_PAGE = 4096 + 512
"""Bytes: a page more than a sleeper keeps, and little of it, so that caches stay warm."""
_TOLERANCE = 0.1
_ENOUGH = 100
"""Warm faults, for a 99th percentile that is not the largest."""


def dives(threads: int, rounds: int) -> Workload:
    """Threads that go through all pages, one at a time, and sleep shallow after each dive."""
    dive = Op(
        OpKind.SLEEP, depth=depth_of_pages(4), sleep_depth=SHALLOW, sleep_ticks=1, user_work=20
    )
    return Workload((Thread(0, (*(dive,) * rounds, EXIT)),) * threads, ("dive",))


def _warm() -> Trial:
    dip = Op(OpKind.SLEEP, depth=_NEXT_PAGE, sleep_depth=SHALLOW, sleep_ticks=1, user_work=20)
    workload = Workload((Thread(0, (*(dip,) * _ROUNDS, EXIT)),), ("dip",))
    return trial("P12", "dips-of-one", workload, keep=("stack_fault",))


def _cold() -> Trial:
    return trial("P1", "dives-of-many", dives(60, 1), keep=("stack_fault",))


def _statistics(cycles: list[int]) -> dict[str, int]:
    ordered = sorted(cycles)
    return {
        "count": len(ordered),
        "min": ordered[0],
        "median": nearest_rank(ordered, 50),
        "p99": nearest_rank(ordered, 99),
        "max": ordered[-1],
    }


def measure(lab: Lab) -> Figures:
    one, many = lab.run([_warm(), _cold()])
    samples = one["samples"]["stack_fault"][_WARM_UP:]
    warm = [s["cycles"] for s in samples if not s["icache_misses"] and not s["dcache_misses"]]
    return {
        "warm": _statistics(warm) if warm else None,
        "with_misses": _statistics(
            [s["cycles"] for s in many["samples"]["stack_fault"] if s["dcache_misses"]]
        ),
        "all_of_one_thread": _statistics([s["cycles"] for s in samples]),
    }


def decide(figures: Figures) -> Decision:
    warm, cold = figures["warm"], figures["with_misses"]
    if not warm or warm["count"] < _ENOUGH:
        return undecided(
            f"needs {_ENOUGH} stack faults without a cache miss, and there were "
            f"{warm['count'] if warm else 0}"
        )
    share = (warm["p99"] - warm["min"]) / warm["median"]
    because = (
        f"{warm['count']} faults without a cache miss take {warm['min']} to {warm['p99']} cycles "
        f"(99 %), {share:.1%} of the median of {warm['median']}; {cold['count']} with misses take "
        f"{cold['min']} to {cold['max']}"
    )
    return holds(because) if share <= _TOLERANCE else refuted(because)


def evidence(lab: Lab, _figures: Figures) -> list[str]:
    return [lab.window("H12", _warm(), f"phase:stack_fault:{_ROUNDS // 2}", margin=100)]


CLAIM = Claim(
    text="The fault handler is a fixed number of loads without a lock, and takes constant time.",
    origin="T1",
    decided_by="holds if warm p99 - min <= 10 % of the median",
    note="warm: a fault without a miss of either cache, trap to sret, its fence included. It is "
    "P12 whose one thread faults again and again: its handler is P1's. Cold ones are P1's.",
    measure=measure,
    decide=decide,
    evidence=evidence,
)
