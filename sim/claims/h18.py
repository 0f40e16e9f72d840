"""H18: whether stack probes are free where nothing has to grow."""

from __future__ import annotations

from .claim import Claim, Decision, Figures, holds, refuted, undecided
from .h17 import described, placements
from .h17 import evidence as window_of_a_probe
from .lab import Lab

_OSV = "P6-irqoff"
_FREE = 0.01


def decide(figures: Figures) -> Decision:
    share = figures["placements"][_OSV]["share_of_a_call"]
    because = described(figures)
    if share["median"] < _FREE <= share["max"] and share["min"] < -_FREE:
        return undecided(
            f"needs images whose layout moves a call by less than {_FREE:.0%}: it moved by "
            f"{share['min']:.1%} to {share['max']:.1%}; {because}"
        )
    return holds(because) if share["median"] < _FREE else refuted(because)


def evidence(lab: Lab, figures: Figures) -> list[str]:
    return window_of_a_probe(lab, figures)


CLAIM = Claim(
    text="Probes are virtually free in the common case.",
    origin="AN3",
    decided_by="holds if the OSv placement costs < 1 % of cycles per call",
    note="The placement before interrupts go off, as OSv has it; the figures are H17's.",
    measure=placements,
    decide=decide,
    evidence=evidence,
)
