"""Which cycles to dump: places that users name, and typical passages of a phase."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..errors import UserError
from ..job import Finding, JobResult, PhaseEnd, PhaseProbe
from ..probes import PHASE_NAMES, Symbol
from ..statistics import nearest_rank

_FORMS = "use phase:NAME:N, stale:N, trap:N or cycle:N, N counted from 0"
_TRAP_HANDLERS = ("handle_exception", "sbi_trap")
_TRAP = "trap"
MOST_FINDINGS = 100
"""So many are listed, see sim/native/oracle.cpp."""
_WARM_UP = 4
"""One passage in so many, the first ones, runs with cold caches and is never typical."""


class Kind(enum.Enum):
    """What a place of `--at` counts."""

    PHASE = "phase"
    STALE = "stale"
    TRAP = "trap"
    CYCLE = "cycle"


@dataclass(frozen=True)
class Place:
    """A place in a run: the N-th passage of a phase, finding or trap, or cycle N."""

    kind: Kind
    number: int
    phase: str = ""

    @property
    def name(self) -> str:
        """Name for files: `map-12`, `trap-3`, `cycle-400000`."""
        return f"{self.phase or self.kind.value}-{self.number}"


@dataclass(frozen=True)
class Interval:
    """What happened on a hart in the cycles after `begin`, up to and with `end`.

    `note` says more about it; `marks` are cycles to look at, with names.
    """

    name: str
    hart: int
    begin: int
    end: int
    note: str = ""
    marks: tuple[tuple[int, str], ...] = ()


def parse_place(text: str) -> Place:
    """Read the argument of `--at`, or raise UserError that says what may stand there."""
    kind, *rest = text.split(":")
    if kind not in (known.value for known in Kind):
        raise UserError(f"--at {text}: '{kind}' is no kind of place; {_FORMS}")
    number = rest.pop() if rest else ""
    phase = rest.pop() if rest and kind == Kind.PHASE.value else ""
    if rest or not (number.isascii() and number.isdigit()) or (kind == "phase" and not phase):
        raise UserError(f"--at {text} does not name one place; {_FORMS}")
    if phase and phase not in PHASE_NAMES:
        raise UserError(f"--at {text}: no phase '{phase}'; there are {', '.join(PHASE_NAMES)}")
    return Place(Kind(kind), int(number), phase)


def trap_probes(symbols: Mapping[str, Symbol]) -> tuple[PhaseProbe, ...]:
    """Probes that find every trap: from the record before it to the handler's first instruction."""
    return tuple(
        PhaseProbe(_TRAP, address, address, PhaseEnd.AFTER, begin_at_trap=True)
        for address in (symbols[name].address for name in _TRAP_HANDLERS if name in symbols)
    )


class Passages:
    """All phases and traps of one run.

    Parameters
    ----------
    policy : for messages.
    names : names of the phase indices that samples carry; `trap` may stand there several times.
    result : the run.
    """

    def __init__(self, policy: str, names: tuple[str, ...], result: JobResult):
        self._policy = policy
        self._names = np.array(names)
        self._samples = result.samples
        self._findings = result.findings
        self._cycles = result.harts[0].cycles

    def _of(self, name: str) -> np.ndarray:
        indices = np.flatnonzero(self._names == name)
        return self._samples[np.isin(self._samples["phase"], indices)]

    def performed(self) -> list[str]:
        """Phases that occurred at least once, in the order of a kernel entry."""
        return [name for name in PHASE_NAMES if len(self._of(name))]

    def typical(self, phase: str) -> Interval:
        """The passage with the cycles nearest the median, after the warm-up.

        Passages that a trap interrupted are left out where there are others.
        """
        samples = self._of(phase)
        samples = samples[len(samples) // _WARM_UP :]
        calm = samples[samples["nested_traps"] == 0]
        samples = calm if len(calm) else samples
        cycles = samples["cycles"].astype(np.int64)
        median = nearest_rank(sorted(cycles.tolist()), 50)
        return self._interval(phase, samples[int(np.argmin(np.abs(cycles - median)))])

    def at(self, place: Place) -> Interval:
        """Return the interval of a place, or raise UserError where the run has none such."""
        if place.kind is Kind.CYCLE:
            if place.number >= self._cycles:
                raise UserError(
                    f"cycle {place.number} is beyond the end: the run of {self._policy} has "
                    f"{self._cycles} cycles, 0 to {self._cycles - 1}"
                )
            return Interval(f"cycle {place.number}", 0, place.number - 1, place.number)
        if place.kind is Kind.STALE:
            return self._finding(place.number)
        name = place.phase or _TRAP
        samples = self._of(name)
        if not len(samples):
            raise UserError(
                f"{self._policy} does not perform the phase {name} in this run; "
                f"it performs {', '.join(self.performed())}"
            )
        if place.number >= len(samples):
            raise UserError(
                f"{self._policy} has no {name} {place.number}: there are {len(samples)} in this "
                f"run, 0 to {len(samples) - 1}"
            )
        return self._interval(name, samples[place.number])

    def _finding(self, number: int) -> Interval:
        findings = self._findings
        if not findings:
            raise UserError(
                f"{self._policy} has no stale {number}: the translation oracle found nothing in "
                "this run"
            )
        if number >= len(findings):
            limit = ", the first ones" if len(findings) == MOST_FINDINGS else ""
            raise UserError(
                f"{self._policy} has no stale {number}: the translation oracle lists "
                f"{len(findings)} findings of this run{limit}, 0 to {len(findings) - 1}"
            )
        found = findings[number]
        changed = found.cycle - found.age
        marks = ((changed, "memory changes"),) if found.age and changed >= 0 else ()
        return Interval(
            f"stale {number}", found.hart, found.cycle - 1, found.cycle, _account(found), marks
        )

    def within(self, first: int, last: int, hart: int) -> list[Interval]:
        """Phases of a hart that lie inside these cycles as a whole, by their begin."""
        samples = self._samples
        inside = samples[
            (samples["begin"] + 1 >= first) & (samples["end"] <= last) & (samples["hart"] == hart)
        ]
        found = [self._interval(str(self._names[sample["phase"]]), sample) for sample in inside]
        phases = [interval for interval in found if interval.name != _TRAP]
        return sorted(phases, key=lambda interval: (interval.begin, -interval.end))

    @staticmethod
    def _interval(name: str, sample: np.void) -> Interval:
        return Interval(name, int(sample["hart"]), int(sample["begin"]), int(sample["end"]))


def _account(found: Finding) -> str:
    """Sentence about a finding."""
    when = "after the fence that covers it" if found.after_fence else "before a fence"
    used = "a fault" if found.used_paddr is None else f"{found.used_paddr:#x}"
    walk = "none" if found.walked_paddr is None else f"{found.walked_paddr:#x}"
    return (
        f"{found.kind} {found.access} of {found.vaddr:#x} by pc {found.pc:#x} met {used} where "
        f"memory gives {walk}, {when}, {found.age:,} cycles after the change"
    )
