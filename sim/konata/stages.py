"""Where each instruction was in each cycle, from a waveform of the pipeline.

The retire port shows an instruction when it leaves. Here its way is put together from the valid
bits of the stages, cycle by cycle: the pipeline is in order, so what a stage holds in the next
cycle is what it holds now or what the stage before gives up.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from ..testbench import TOP
from ..waveforms.dump import Dump

_WORD = 4
_HALF = 2


@dataclass
class Passage:
    """One instruction, or one that an interrupt took the place of, on its way.

    `stages` are those of `sim.konata.kanata.Row`. `record` is the cycle of its record in the
    retire port, None if it was killed or is still on its way; `end` the first cycle without it.
    """

    pc: int
    insn: int | None = None
    """Its word as fetched, known of what was seen in ID."""
    stages: list[tuple[int, str]] = field(default_factory=list)
    end: int | None = None
    record: int | None = None


@dataclass
class _Word:
    """A word in the fetch queue: when its F1 began and ended."""

    address: int
    begin: int | None
    """None: F1 had it already in the cycle before the first one of the window."""
    end: int
    used: int = -1
    """Offset of the last instruction that begins in it."""


class _Fetch:
    """Follows the words from F0 to where they are cut into instructions."""

    def __init__(self, signals: dict[str, np.ndarray]):
        self._signals = signals
        self._queue: deque[_Word] = deque()
        self._word: _Word | None = None
        self._begin: int | None = None  # of F1, before the window for what it begins with

    def stages(self, pc: int, size: int) -> list[tuple[int, str]]:
        """F0, F1 and queue of the instruction that is next, as far as the window shows them.

        An instruction in two words is in F1 until the second is there. What never was in F1 was
        in the queue when the window began.
        """
        first = self._word_of(pc)
        last = first
        if pc % _WORD + size > _WORD:
            last = self._word_of(pc + _HALF) or first
        if last is None:
            return [(0, "FQ")]
        if first is None or first.begin is None:
            return [(0, "F1"), (last.end + 1, "FQ")]
        return [(first.begin - 1, "F0"), (first.begin, "F1"), (last.end + 1, "FQ")]

    def _word_of(self, pc: int) -> _Word | None:
        """The word with this parcel: the present one, if it is behind what was used of it."""
        address, offset = pc // _WORD * _WORD, pc % _WORD
        word = self._word
        if word is None or word.address != address or offset <= word.used:
            if all(waiting.address != address for waiting in self._queue):
                return None
            while self._queue[0].address != address:
                self._queue.popleft()
            word = self._word = self._queue.popleft()
        word.used = offset
        return word

    def end_cycle(self, index: int) -> None:
        """After everything that uses what was fetched before this cycle."""
        signals = self._signals
        pc = int(signals["f1_pc"][index])
        redirected = bool(signals["redirect"][index])
        if redirected:
            self._queue.clear()
            self._word = None
        elif signals["f1_complete"][index]:
            self._queue.append(_Word(pc // _WORD * _WORD, self._begin, index))
        if redirected or signals["f1_complete"][index] or int(signals["f1_pc"][index + 1]) != pc:
            self._begin = index + 1


_SIGNALS = {
    "fetched_valid": "decode.fetched_valid",
    "fetched_pc": "decode.fetched__pc",
    "fetched_word": "decode.fetched__word",
    "fetched_compressed": "decode.fetched__compressed",
    "ex_valid": "execute.ex_valid",
    "ex_pc": "execute.executed__pc",
    "mem_valid": "memory.mem_valid",
    "mem_pc": "memory.finished__pc",
    "wb_valid": "write_back.wb_valid",
    "wb_pc": "write_back.wb__pc",
    "redirect": "fetch_unit.redirect",
    "f1_pc": "fetch_unit.f1_pc",
    "f1_complete": "fetch_unit.f1_complete",
}
"""Names below the pipeline of a hart."""


def passages(dump: Dump, hart: int) -> list[Passage]:
    """All instructions that reached ID in the cycles of the dump, in the order of the program.

    Cycles count from the first one of the dump. What was in a later stage when it began has no
    earlier stages.
    """
    inside = f"{TOP}.soc.hart{hart}.pipeline"
    signals = {name: dump.values(f"{inside}.{path}") for name, path in _SIGNALS.items()}
    signals["retired"] = dump.values(f"{TOP}.retire__{hart}__valid")
    return list(_follow(signals))


def _follow(signals: dict[str, np.ndarray]) -> Iterator[Passage]:
    fetch = _Fetch(signals)
    held: dict[str, Passage | None] = {}
    for stage, valid, pc in (
        ("WB", "wb_valid", "wb_pc"),
        ("MEM", "mem_valid", "mem_pc"),
        ("EX", "ex_valid", "ex_pc"),
        ("ID", "fetched_valid", "fetched_pc"),
    ):
        held[stage] = None
        if signals[valid][0]:
            held[stage] = passage = Passage(int(signals[pc][0]), stages=[(0, stage)])
            yield passage
    for now in range(len(signals["ex_valid"]) - 1):
        fetch.end_cycle(now)
        yield from _step(signals, now + 1, held, fetch)


def _step(
    signals: dict[str, np.ndarray], now: int, held: dict[str, Passage | None], fetch: _Fetch
) -> Iterator[Passage]:
    """Go on to a cycle: the oldest instruction moves first."""
    oldest = held["WB"]
    if oldest is not None and signals["retired"][now]:
        oldest.record = oldest.end = now
        held["WB"] = None
    for stage, before, valid in (
        ("WB", "MEM", "wb_valid"),
        ("MEM", "EX", "mem_valid"),
        ("EX", "ID", "ex_valid"),
    ):
        if held[stage] is not None and not signals[valid][now]:
            _kill(held, stage, now)
        if held[stage] is None and signals[valid][now]:
            moved = held[stage] = held[before]
            held[before] = None
            if moved is not None:
                moved.stages.append((now, stage))
    waiting = held["ID"]
    pc = int(signals["fetched_pc"][now])
    if waiting is not None and not (signals["fetched_valid"][now] and waiting.pc == pc):
        _kill(held, "ID", now)
    if held["ID"] is None and signals["fetched_valid"][now]:
        size = _HALF if signals["fetched_compressed"][now] else _WORD
        word = int(signals["fetched_word"][now]) & (1 << 8 * size) - 1
        before = [stage for stage in fetch.stages(pc, size) if stage[0] < now]
        held["ID"] = passage = Passage(pc, word, [*before, (now, "ID")])
        yield passage


def _kill(held: dict[str, Passage | None], stage: str, now: int) -> None:
    passage = held[stage]
    assert passage is not None
    passage.end = now
    held[stage] = None
