"""H2: how many more misses P4 has."""

from __future__ import annotations

from .claim import Claim, Decision, Figures, holds, limited, refuted
from .depth_sweep import sweep, window_of_a_call
from .lab import Lab

_MOST = 3
_ZERO = 0.01
"""Misses per call that are none: two in 200 calls, while the threads start."""


def measure(lab: Lab) -> Figures:
    rows = sweep(lab)
    return {
        "extra_dtlb_misses_per_call": {
            str(row["pages"]): round(
                row["P4"]["dtlb_misses_per_call"] - row["P0"]["dtlb_misses_per_call"], 3
            )
            for row in rows
        },
        "extra_cycles_per_call": {
            str(row["pages"]): round(row["P4"]["cycles_per_call"] - row["P0"]["cycles_per_call"], 1)
            for row in rows
        },
    }


def decide(figures: Figures) -> Decision:
    extra = figures["extra_dtlb_misses_per_call"]
    cycles = figures["extra_cycles_per_call"]
    because = (
        "more DTLB misses per call at "
        + ", ".join(f"{pages} pages {value:.2f}" for pages, value in extra.items())
        + "; more cycles per call "
        + ", ".join(f"{value:.0f}" for value in cycles.values())
    )
    few = all(value <= _MOST + _ZERO for value in extra.values())
    none = abs(extra["1"]) <= _ZERO
    if few and none:
        return holds(because)
    return limited(because) if few or none else refuted(because)


def evidence(lab: Lab, _figures: Figures) -> list[str]:
    return [window_of_a_call(lab, "H2")]


CLAIM = Claim(
    text="Extra misses are at most 2 to 3 per system call, and negligible for shallow ones.",
    origin="T9b",
    decided_by="holds if extra misses per call <= 3 at every depth and 0 at one page",
    note="limited where one of the two parts holds. What the claim leaves out are the cycles of "
    "mapping, fencing and unmapping, which calls of one page pay too.",
    measure=measure,
    decide=decide,
    evidence=evidence,
)
