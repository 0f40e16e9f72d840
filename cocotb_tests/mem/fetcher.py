"""A fetch unit: presents addresses to the I$ through s0 and s1."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from .handles import Pins


@dataclass
class Fetcher:
    """Drives port `prefix`. `gap`, `kill` and `flush` are probabilities per cycle.

    `done` holds address, word, and the cycles of the first and of the last s1.
    """

    pins: Pins
    prefix: str
    on_word: Callable[[int, int], None]
    on_flush: Callable[[], None]
    random: random.Random
    gap: float = 0.0
    kill: float = 0.0
    flush: float = 0.0
    flush_next: bool = False
    """Flush in the next cycle, for directed tests."""
    patience: int = 2000
    """Cycles in which a fetch has to complete."""
    queue: deque[int] = field(default_factory=deque)
    done: list[tuple[int, int, int, int]] = field(default_factory=list)
    flushes: int = 0
    _in_s1: bool = False
    _alive: bool = False
    _s0: bool = False
    _first_s1: int | None = None
    _waiting: int = 0
    _flush: bool = False

    @property
    def idle(self) -> bool:
        return not self.queue

    def drive_s1(self) -> None:
        """First half of a cycle."""
        flush = self.flush_next or self.random.random() < self.flush
        self.flush_next = False
        self._alive = self._in_s1 and self.random.random() >= self.kill
        self.pins.write(f"{self.prefix}__flush", int(flush))
        self.pins.write(f"{self.prefix}__s1_valid", int(self._alive))
        if self._alive:
            self.pins.write(f"{self.prefix}__s1_paddr", self.queue[0])
        self.flushes += flush
        self._flush = flush

    def drive_s0(self, cycle: int) -> None:
        """Second half of a cycle."""
        if self._in_s1 and self._first_s1 is None:
            self._first_s1 = cycle
        if self.pins.read(f"{self.prefix}__s1_done"):
            assert self._alive, f"{self.prefix}: a word for a fetch that is not in s1"
            assert self._first_s1 is not None
            address = self.queue.popleft()
            word = self.pins.read(f"{self.prefix}__s1_word")
            self.on_word(address, word)
            self.done.append((address, word, self._first_s1, cycle))
            self._first_s1 = None
            self._waiting = 0
        if self._flush:
            self.on_flush()
        self._waiting = self._waiting + 1 if self.queue else 0
        assert self._waiting < self.patience, f"{self.prefix}: no progress at {self.queue[0]:#x}"
        self._s0 = bool(self.queue) and self.random.random() >= self.gap
        self.pins.write(f"{self.prefix}__s0_valid", int(self._s0))
        if self._s0:
            self.pins.write(f"{self.prefix}__s0_index", self.queue[0] & 0xFFF)

    def end_cycle(self) -> None:
        """Just before the clock edge."""
        self._in_s1 = self._s0 and bool(self.pins.read(f"{self.prefix}__s0_ready"))
