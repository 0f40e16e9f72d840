"""What a claim is: its words and source, an experiment, and the rule that turns figures into a
verdict."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .lab import Lab

Figures = dict[str, Any]
"""What an experiment found, as JSON can hold it. Units are in the names."""


class Verdict(enum.Enum):
    """What an experiment says about a claim."""

    HOLDS = "holds"
    LIMITED = "limited"
    """It holds under conditions that the sentence beside the verdict gives."""
    REFUTED = "refuted"
    UNDECIDED = "undecided"
    """The sentence beside the verdict says what would be needed."""


@dataclass(frozen=True)
class Decision:
    """A verdict, and the figures that led to it in one sentence."""

    verdict: Verdict
    because: str


def _nothing(_lab: Lab, _figures: Figures) -> list[str]:
    return []


@dataclass(frozen=True)
class Claim:
    """One claim of the discussion about dynamic kernel stacks.

    Attributes
    ----------
    text : the claim, in quotation marks where these are the words of its source.
    origin : keys of `sources.MESSAGES`, or what it was derived from.
    decided_by : the rule that was laid down before anything was measured.
    measure : runs the experiment and returns its figures.
    decide : applies the rule to figures; nothing else may decide.
    note : where the experiment, or the reading of the rule, is this project's own choice.
    evidence : for claims that do not hold: windows and schedules that show why.
    """

    text: str
    origin: str
    decided_by: str
    measure: Callable[[Lab], Figures]
    decide: Callable[[Figures], Decision]
    note: str = ""
    evidence: Callable[[Lab, Figures], list[str]] = _nothing


def holds(because: str) -> Decision:
    return Decision(Verdict.HOLDS, because)


def limited(because: str) -> Decision:
    return Decision(Verdict.LIMITED, because)


def refuted(because: str) -> Decision:
    return Decision(Verdict.REFUTED, because)


def undecided(needed: str) -> Decision:
    return Decision(Verdict.UNDECIDED, needed)


def spread(values: Sequence[float], digits: int = 1) -> dict[str, float]:
    """Smallest, middle (lower one of an even number) and largest value."""
    ordered = sorted(values)
    return {
        "min": round(ordered[0], digits),
        "median": round(ordered[(len(ordered) - 1) // 2], digits),
        "max": round(ordered[-1], digits),
    }


def shown(figure: Mapping[str, float], digits: int = 1) -> str:
    """A spread for a sentence: `12.0 (11.5 to 12.3)`."""
    low, middle, high = (figure[name] for name in ("min", "median", "max"))
    if low == high:
        return f"{middle:,.{digits}f}"
    return f"{middle:,.{digits}f} ({low:,.{digits}f} to {high:,.{digits}f})"
