"""Slices of a track: intervals that nest."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..trap_names import trap_name
from .events import Kind, Mode
from .threads import Stay


@dataclass(frozen=True)
class Slice:
    """Something that lasts from cycle `begin` up to and without `end`."""

    begin: int
    end: int
    name: str
    arguments: dict[str, int | str] = field(default_factory=dict)
    flows: Sequence[int] = ()
    flow_ends: Sequence[int] = ()


def lanes(slices: Iterable[Slice]) -> list[list[Slice]]:
    """Distribute slices so that any two of a lane are nested or apart; usually there is one lane.

    In a lane each slice stands behind those that it lies in.
    """
    result: list[tuple[list[Slice], list[Slice]]] = []  # each with those that are open
    for item in sorted(slices, key=lambda item: (item.begin, -item.end)):
        for lane, around in result:
            while around and around[-1].end <= item.begin:
                around.pop()
            if not around or item.end <= around[-1].end:
                lane.append(item)
                around.append(item)
                break
        else:
            result.append(([item], [item]))
    return [lane for lane, _ in result]


def modes(events: np.ndarray, cycles: int) -> Iterator[Slice]:
    """What a hart, whose MODE events these are, spends its cycles in."""
    begins = [*(int(cycle) for cycle in events["cycle"]), cycles]
    for (begin, end), mode in zip(itertools.pairwise(begins), events["index"], strict=True):
        yield Slice(begin, end, Mode(int(mode)).name.lower())


def phase_slices(samples: np.ndarray, names: Sequence[str]) -> list[Slice]:
    """Phases as measured: the cycles after `begin`, up to and with `end`."""
    return [
        Slice(
            int(sample["begin"]) + 1,
            int(sample["end"]) + 1,
            names[int(sample["phase"])],
            {
                "cycles": int(sample["cycles"]),
                "nested cycles": int(sample["nested_cycles"]),
                "instructions": int(sample["instructions"]),
            },
        )
        for sample in samples
    ]


def visits(own: list[Stay], events_of: dict[int, np.ndarray]) -> Iterator[Slice]:
    """Traps of a thread, each to its return: system calls, faults, interrupts, nested as they ran.

    A thread that dies in the kernel leaves there when it is switched out for the last time; what a
    new thread returns from first, it has not entered.

    Parameters
    ----------
    own : stays of the thread in the order of time.
    events_of : TRAP and TRAP_RETURN events by hart.
    """
    entered: list[tuple[int, np.void]] = []
    for stay in own:
        events = events_of[stay.hart]
        first, last = np.searchsorted(events["cycle"], (stay.begin, stay.end))
        for event in events[first:last]:
            if event["kind"] == Kind.TRAP:
                # The record before may be one of the thread before.
                entered.append((max(int(event["c"]) + 1, stay.begin), event))
            elif entered:
                begin, trap = entered.pop()
                yield _visit(begin, int(event["cycle"]) + 1, trap)
    for begin, trap in entered:
        yield _visit(begin, own[-1].end, trap)


def _visit(begin: int, end: int, trap: np.void) -> Slice:
    return Slice(begin, end, trap_name(int(trap["a"])), {"pc": f"{int(trap['b']):#x}"})


def by_thread(phases: Sequence[Slice], hart_stays: Sequence[Stay]) -> Iterator[tuple[int, Slice]]:
    """Threads with the parts of a hart's phases that are theirs.

    A phase belongs to the thread that begins it, and to the one that ends it: a switch to both.

    Parameters
    ----------
    hart_stays : all stays on the hart, by begin, without gaps.
    """
    begins = [stay.begin for stay in hart_stays]
    for phase in phases if begins else ():
        first, last = np.searchsorted(begins, (phase.begin, phase.end - 1), side="right") - 1
        owners = hart_stays[first].thread, hart_stays[last].thread
        for stay in hart_stays[first : last + 1]:
            begin, end = max(phase.begin, stay.begin), min(phase.end, stay.end)
            if stay.thread in owners and begin < end:
                whole = (begin, end) == (phase.begin, phase.end)
                yield stay.thread, Slice(begin, end, phase.name, phase.arguments if whole else {})
