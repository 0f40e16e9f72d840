"""H1: what P4 does to the TLB."""

from __future__ import annotations

from .claim import Claim, Decision, Figures, holds, refuted
from .depth_sweep import DEPTHS, sweep, window_of_a_call
from .lab import Lab

_TOLERANCE = 0.01


def measure(lab: Lab) -> Figures:
    return {"by_pages": sweep(lab)}


def decide(figures: Figures) -> Decision:
    rows = figures["by_pages"]
    worst = max(
        rows, key=lambda row: row["P4"]["dtlb_misses_per_call"] - row["P0"]["dtlb_misses_per_call"]
    )
    words = ", ".join(
        f"{row['P4']['dtlb_misses_per_call']:.2f} and {row['P0']['dtlb_misses_per_call']:.2f}"
        for row in rows
    )
    because = (
        f"DTLB misses per call under P4 and P0 for calls of {DEPTHS[0]} to {DEPTHS[-1]} pages: "
        f"{words}; walk cycles per call at {worst['pages']} pages "
        f"{worst['P4']['walk_cycles_per_call']:.0f} and {worst['P0']['walk_cycles_per_call']:.0f}"
    )
    equal = all(
        abs(row["P4"]["dtlb_misses_per_call"] - row["P0"]["dtlb_misses_per_call"])
        <= _TOLERANCE * max(row["P0"]["dtlb_misses_per_call"], 1)
        for row in rows
    )
    return holds(because) if equal else refuted(because)


def evidence(lab: Lab, _figures: Figures) -> list[str]:
    return [window_of_a_call(lab, "H1")]


CLAIM = Claim(
    text='"TLB load identical to today": DTLB misses per system call under P4 are those under P0, '
    "with 4 KiB pages in both.",
    origin="T9",
    decided_by="holds if misses per call are equal within 1 %; refuted otherwise; the difference "
    "is the figure",
    note="1 % of the misses under P0, or 0.01 of a miss where P0 has fewer than one a call.",
    measure=measure,
    decide=decide,
    evidence=evidence,
)
