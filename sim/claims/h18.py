"""H18: whether stack probes are free where nothing has to grow."""

from __future__ import annotations

from .claim import Claim, Decision, Figures, holds, limited, refuted
from .h17 import described, placements
from .h17 import evidence as window_of_a_probe
from .lab import Lab

_OSV = "P6-irqoff"
_FREE = 0.01


def decide(figures: Figures) -> Decision:
    share = figures["placements"][_OSV]["share_of_a_call"]
    because = described(figures)
    if share["max"] < _FREE:
        return holds(because)
    return limited(because) if share["min"] < _FREE else refuted(because)


def evidence(lab: Lab, figures: Figures) -> list[str]:
    return window_of_a_probe(lab, figures)


CLAIM = Claim(
    text="Probes are virtually free in the common case.",
    origin="AN3",
    decided_by="holds if the OSv placement costs < 1 % of cycles per call",
    note="The placement before interrupts go off, as OSv has it; the figures are H17's. limited: "
    "below 1 % in some images only. A call of this kernel is shorter than Linux's, whose share "
    "would be smaller: the cycles carry over, the share does not.",
    measure=placements,
    decide=decide,
    evidence=evidence,
)
