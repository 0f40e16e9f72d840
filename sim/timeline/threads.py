"""Which thread a hart runs when, told by the kernel's thread pointer at its switches."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from ..probes import Symbol
from ..workload.threads import MAX_HARTS
from .events import SWITCHED, WAKE, Kind, Sources

_IDLE, _WORKLOAD = "idle_threads", "threads"


@dataclass
class Stay:
    """A thread on a hart, from cycle `begin` up to and without `end`.

    `flows` and `flow_ends` are the arrows that leave from here and arrive here.
    """

    thread: int
    hart: int
    begin: int
    end: int
    flows: list[int] = field(default_factory=list)
    flow_ends: list[int] = field(default_factory=list)


class ThreadNames:
    """Names for addresses of `struct thread`: by the array that one lies in, and its index there.

    Parameters
    ----------
    symbols : of the image. A thread is as large as a hart's share of `idle_threads`, of which there
        is one for each hart that a kernel can have.
    """

    def __init__(self, symbols: Mapping[str, Symbol]):
        self._symbols = symbols
        self._bytes = symbols[_IDLE].size // MAX_HARTS if _IDLE in symbols else 0

    def name(self, thread: int) -> str:
        """`thread 3`, `idle 0`, the name of a variable, or the address of something unknown."""
        for array, text in ((_WORKLOAD, "thread"), (_IDLE, "idle")):
            symbol = self._symbols.get(array)
            if symbol and self._bytes and 0 <= thread - symbol.address < symbol.size:
                return f"{text} {(thread - symbol.address) // self._bytes}"
        for name, symbol in self._symbols.items():
            if symbol.address == thread and symbol.size:
                return name
        return f"task {thread:#x}"

    def is_idle(self, thread: int) -> bool:
        """It runs where nothing else does, and waits for nothing."""
        return self.name(thread).startswith("idle ")

    def order(self, thread: int) -> tuple[int, int]:
        """Key to sort by: threads of the workload, then others, then idle threads."""
        if self.is_idle(thread):
            return 2, thread
        return int(not self.name(thread).startswith("thread ")), thread


def stays(events: np.ndarray, sources: Sources, harts: int, cycles: int) -> list[Stay]:
    """Every stay of every thread, by hart and begin.

    A hart runs a thread from the first instruction after the stacks have changed. What runs before
    the first switch is the thread that the first mark of any kind finds.
    """
    result = []
    marks = sources.select(events, Kind.MARK)
    switched = sources.marks.index(SWITCHED) if SWITCHED in sources.marks else -1
    for hart in range(harts):
        own = marks[marks["hart"] == hart]
        if not len(own):
            continue
        begin, thread = 0, int(own[0]["b" if own[0]["index"] == switched else "a"])
        for mark in own[own["index"] == switched]:
            cycle = int(mark["cycle"])
            result.append(Stay(thread, hart, begin, cycle))
            begin, thread = cycle, int(mark["a"])
        result.append(Stay(thread, hart, begin, cycles))
    return result


def by_thread(all_stays: list[Stay]) -> dict[int, list[Stay]]:
    """The stays of each thread in the order of time."""
    result: dict[int, list[Stay]] = {}
    for stay in sorted(all_stays, key=lambda stay: stay.begin):
        result.setdefault(stay.thread, []).append(stay)
    return result


def wakes(events: np.ndarray, sources: Sources) -> list[tuple[int, int, int]] | None:
    """(cycle, hart that wakes, thread that is woken), in the order of time.

    None where the image does not tell.
    """
    if WAKE not in sources.marks:
        return None
    return [
        (int(mark["cycle"]), int(mark["hart"]), int(mark["b"]))
        for mark in sources.select(events, Kind.MARK, WAKE)
    ]


def waits(own: list[Stay], woken: list[int] | None) -> Iterator[tuple[str, int, int]]:
    """(state, begin, end) of a thread where it has no hart: `sleeping` or `runnable`.

    A thread that nobody woke between two stays was runnable all the time. Whether the last stay
    ended in sleep or in death is not known: nothing follows it.

    Parameters
    ----------
    own : stays of the thread.
    woken : cycles in which somebody woke it, in order; None where that is not known, and all that
        can be said is `off hart`.
    """
    if woken is None:
        for before, after in itertools.pairwise(own):
            yield "off hart", before.end, after.begin
        return
    previous = None
    for stay in own:
        begin = previous.end if previous else None
        first = bisect.bisect_right(woken, previous.begin if previous else -1)
        last = bisect.bisect_left(woken, stay.begin)
        if first < last:
            woke = max(woken[last - 1], begin or 0)
            if begin is not None and woke > begin:
                yield "sleeping", begin, woke
            begin = woke
        if begin is not None and begin < stay.begin:
            yield "runnable", begin, stay.begin
        previous = stay
