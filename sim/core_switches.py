"""What three switches decide about translation, in rows of the microbenchmarks.

Preset `cva6` is no copy of CVA6: it has Rocket's structure with CVA6's switches, so few of its
figures are CVA6's. What a switch decides shows as two rows that cost the same, or do not; and
there model and core can be compared, whatever else they differ in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """Whether row `row` is `like`: another row, or a figure."""

    switch: str
    text: str
    row: str
    like: str | int


QUESTIONS = (
    Question(
        "cache_invalid_ptes = 0",
        "a page mapped without a fence is found after the first fault",
        "pf-handler-without-sfence-until-8th-fault-total-number-of-faults-taken",
        1,
    ),
    Question(
        "honour_asid = 1",
        "a translation survives the fence of another address space",
        "sfence-vma-x0-asid5-next-ld-4k",
        "load-4k-page-warm",
    ),
    Question(
        "walk_cache_in_use = 0",
        "the next load costs the same after a full fence and one of its address",
        "sfence-vma-x0-asid0-next-ld-4k",
        "sfence-vma-va-asid0-next-ld-same-va-4k",
    ),
    Question(
        "walk_cache_in_use = 0",
        "with a cold line of the leaf PTE, too",
        "dtlb-miss-sfence-all-leaf-pte-line-cold-only",
        "dtlb-miss-sfence-va-pte-warm-leaf-pte-cold",
    ),
    Question(
        "walk_cache_in_use = 0",
        "and so do three pages that are mapped, fenced and touched",
        "3x-sd-pte-sfence-va-pte-cold-map-touch-3",
        "3x-sd-pte-sfence-va-pte-warm-map-touch-3",
    ),
    Question(
        "walk_cache_in_use = 0",
        "a page fault costs the same after a full fence and without one",
        "pf-total-after-sfence-all-pte-cold",
        "pf-total-min-handler-sd-pte-csrr-stval-sfence-va-sret",
    ),
)


def answer(question: Question, cycles: Mapping[str, float]) -> bool:
    """Whether these cycles, by row, say yes."""
    like = question.like if isinstance(question.like, int) else cycles[question.like]
    return cycles[question.row] == like


def summary(rows: Sequence[Mapping]) -> list[str]:
    """Lines about the rows of `calibrate --json` of one preset and latency."""
    core = {row["id"]: row["reference"] for row in rows if row["reference"] is not None}
    model = {row["id"]: row["model"] for row in rows if row["reference"] is not None}
    if not core:
        return []
    lines = ["What the switches decide, core and model:"]
    for question in QUESTIONS:
        answers = ("yes" if answer(question, cycles) else "no" for cycles in (core, model))
        lines.append(f"  {', '.join(answers)}: {question.text} ({question.switch})")
    return lines
