"""H9: what P1 holds after rare deep calls."""

from __future__ import annotations

import math

from sim.workload.draws import Draws
from sim.workload.threads import Op, OpKind, Thread, Workload

from .claim import Claim, Decision, Figures, holds, limited, refuted
from .lab import Lab, Reading
from .trial import trial
from .workloads import EXIT, SHALLOW, depth_of_pages

_THREADS, _CALLS = 16, 150
_PER_MILLION = (2_000, 5_000, 20_000)
"""Deep calls among a million."""
_MEASURED_CALLS = 12_549
"""System calls of sqlite-insert-select, one thread: the fewest of the measured applications."""
_CONVERGED, _RARE = 0.9, 1e-3
_SLEEP_EVERY = 10


def rarely_deep(per_million: int) -> Workload:
    """Threads whose calls go through the whole stack with a probability, and sleep now and then."""
    draws = Draws(per_million)

    def op(number: int) -> Op:
        deep = draws.chance(per_million, 1_000_000)
        depth = depth_of_pages(4) if deep else SHALLOW
        if number % _SLEEP_EVERY:
            return Op(OpKind.CALL, user_work=20, depth=depth)
        return Op(OpKind.SLEEP, user_work=20, depth=depth, sleep_depth=SHALLOW, sleep_ticks=50)

    threads = tuple(
        Thread(0, (*(op(number) for number in range(_CALLS)), EXIT)) for _ in range(_THREADS)
    )
    return Workload(threads, ("call",), tick_interval=10_000)


def limit(calls: int) -> float:
    """Probability of a deep call at which P1 holds 90 % of P0's pages after so many calls.

    A thread has its first page, and the other three once any call of its life went deep.
    """
    deep_threads = (4 * _CONVERGED - 1) / 3
    return 1 - math.exp(math.log(1 - deep_threads) / calls)


def _deep_share(workload: Workload) -> float:
    deep = [any(op.depth > SHALLOW for op in thread.ops) for thread in workload.threads]
    return sum(deep) / len(deep)


def _pages(run: Reading, kernel_pages: float) -> float:
    return (run["watches"]["stack"]["max"] - kernel_pages) / (4 * _THREADS)


def measure(lab: Lab) -> Figures:
    policies = ("P0", "P1", "P3", "P4", "P12")
    keys = [("P0", _PER_MILLION[0]), *((p, n) for n in _PER_MILLION for p in policies[1:])]
    readings = lab.run(
        [trial(policy, f"deep-{n}-per-million", rarely_deep(n)) for policy, n in keys]
    )
    runs = dict(zip(keys, readings, strict=True))
    static = runs["P0", _PER_MILLION[0]]
    kernel_pages = static["watches"]["stack"]["max"] - 4 * _THREADS
    often = _PER_MILLION[-1]
    return {
        "share_of_P0_pages_at_the_end_of_P1": {
            str(n): {
                "measured": round(_pages(runs["P1", n], kernel_pages), 3),
                "by_the_law": round((1 + 3 * _deep_share(rarely_deep(n))) / 4, 3),
            }
            for n in _PER_MILLION
        },
        "probability_at_90_percent": limit(_MEASURED_CALLS),
        "calls_of_a_life_for_1e-3": math.ceil(
            math.log(1 - (4 * _CONVERGED - 1) / 3) / math.log1p(-_RARE)
        ),
        "kib_per_thread": {
            policy: runs[policy, often]["stack_kib_per_thread"] for policy in policies[1:]
        },
    }


def decide(figures: Figures) -> Decision:
    law = figures["share_of_P0_pages_at_the_end_of_P1"]
    wrong = max(abs(pair["measured"] - pair["by_the_law"]) for pair in law.values())
    kib = figures["kib_per_thread"]
    because = (
        f"P1 reaches 90 % of P0's pages at {figures['probability_at_90_percent']:.1e} deep calls "
        f"per call in {_MEASURED_CALLS:,} calls, and below 1e-3 in any life of more than "
        f"{figures['calls_of_a_life_for_1e-3']:,} calls; where two calls in 100 go deep the KiB "
        "per thread are " + ", ".join(f"{policy} {value:.1f}" for policy, value in kib.items())
    )
    if wrong > 0.02 or figures["probability_at_90_percent"] >= _RARE:
        return refuted(because)
    smaller = [kib[policy] < kib["P1"] for policy in ("P3", "P4")]
    return holds(because) if all(smaller) else limited(because)


def evidence(_lab: Lab, figures: Figures) -> list[str]:
    law = figures["share_of_P0_pages_at_the_end_of_P1"]
    return [
        f"schedule: {_THREADS} threads of {_CALLS} calls, {int(n):,} in a million through 14 KiB: "
        f"P1 ends with {pair['measured']:.1%} of P0's pages"
        for n, pair in law.items()
    ]


CLAIM = Claim(
    text="P4 and P3 save more than P1, because P1 never shrinks.",
    origin="T6",
    decided_by="p at which P1 exceeds 90 % of P0 memory; holds if below 1e-3 per call",
    note="The probability depends on how many calls a thread makes in its life, which no run can "
    "be long enough for: short runs confirm the law, the law gives p for the application with the "
    "fewest calls. limited where p is that low, but P3 or P4 holds more than P1 all the same.",
    measure=measure,
    decide=decide,
    evidence=evidence,
)
