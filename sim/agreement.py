"""How far cycles of the model may be from those of a core, and what is known to be farther."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

PERCENT = 15
CYCLES = 2
CYCLES_PER_OPERATION = 0.5

KNOWN = {
    "no-run-ahead-norvc-itlb-miss-sfence-all": (
        "behind a full fence Rocket's BTB predicts address 0 for this one jump, and the walk for "
        "that wrong path holds up the walk of the target; the model's BTB predicts no such address"
    ),
    "remote-m-entry-s-entry-no-skew": (
        "M-mode clears MSIP: Rocket posts stores to devices, here they wait for their answer"
    ),
}
"""Rows that do not agree, with the difference in structure that they show."""


def agrees(model: float, reference: float, operations: int) -> bool:
    """Whether a row is near enough: by `PERCENT`, or by cycles, of one operation of a chain."""
    distance = abs(model - reference)
    allowed = CYCLES if operations == 1 else CYCLES_PER_OPERATION
    return distance <= max(allowed, reference * PERCENT / 100)


def summary(rows: Sequence[Mapping]) -> list[str]:
    """Lines about the rows of `calibrate --json`; none where no row has a reference."""
    compared = [row for row in rows if row["reference"] is not None]
    if not compared:
        return []
    errors = [abs(row["error_percent"]) for row in compared]
    apart = [row for row in compared if not row["agrees"]]
    lines = [
        f"{len(compared)} rows with a reference: median error {statistics.median(errors):.1f} %; "
        f"{len(compared) - len(apart)} within {PERCENT} %, or within {CYCLES} cycles, "
        f"{CYCLES_PER_OPERATION} of one operation of a chain"
    ]
    for row in apart:
        reason = KNOWN.get(row["id"], "not explained")
        lines.append(
            f"  {row['id']} at latency {row['latency']}: {row['model']:g}, not "
            f"{row['reference']:g}: {reason}"
        )
    return lines
