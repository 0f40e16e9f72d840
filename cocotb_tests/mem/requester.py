"""A requester of the D$: presents accesses through s0 and s1 as a pipeline would."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from cocotb_tests.models.memory import Access
from rtl.mem.ports import MemoryCommand

from .handles import Pins


@dataclass
class Completion:
    """An access, the cycles of its first s1 and of the s1 that completed it, and how often it was
    sent back in between to be executed again."""

    access: Access
    first_s1: int
    done: int
    rdata: int
    wresult: int
    replays: int


@dataclass
class Requester:
    """Drives port `prefix`. `gap` and `kill` are probabilities per cycle.

    `gap`: nothing is presented though something is queued. `kill`: an access that reached s1 is
    withdrawn there and presented again later, as after a flush or a TLB miss.
    `rest`: cycles in which nothing is presented after an access that has completed; nor is it
    while one is in s1, as by the walker and the host.
    `patience`: cycles in which an access has to complete.
    """

    pins: Pins
    prefix: str
    on_complete: Callable[[Access, int, int], None]
    random: random.Random = field(default_factory=random.Random)
    gap: float = 0.0
    kill: float = 0.0
    rest: int = 0
    patience: int = 2000
    queue: deque[Access] = field(default_factory=deque)
    completions: list[Completion] = field(default_factory=list)
    _in_s1: bool = False
    _alive: bool = False
    _s0: bool = False
    _first_s1: int | None = None
    _replays: int = 0
    _waiting: int = 0
    _resting: int = 0

    @property
    def idle(self) -> bool:
        return not self.queue

    def _pin(self, name: str) -> str:
        return f"{self.prefix}__{name}"

    def drive_s1(self) -> None:
        """First half of a cycle."""
        alive = self._in_s1 and not (self.kill and self.random.random() < self.kill)
        self._alive = alive
        self.pins.write(self._pin("s1_valid"), int(alive))
        if alive:
            access = self.queue[0]
            self.pins.write(self._pin("s1_command"), access.command.value)
            self.pins.write(self._pin("s1_paddr"), access.address)
            self.pins.write(self._pin("s1_size"), access.size)
            self.pins.write(self._pin("s1_wdata"), access.wdata)

    def drive_s0(self, cycle: int) -> None:
        """Second half of a cycle: completes what is in s1, presents what comes next."""
        if self._in_s1 and self._first_s1 is None:
            self._first_s1 = cycle
        self._replays += self.pins.read(self._pin("s1_replay"))
        if self.pins.read(self._pin("s1_done")):
            access = self.queue.popleft()
            rdata = self.pins.read(self._pin("s1_rdata"))
            wresult = self.pins.read(self._pin("s1_wresult"))
            assert self._alive, f"{self.prefix}: completion of an access that is not in s1"
            assert self._first_s1 is not None
            self.completions.append(
                Completion(access, self._first_s1, cycle, rdata, wresult, self._replays)
            )
            self.on_complete(access, rdata, wresult)
            self._first_s1 = None
            self._replays = 0
            self._waiting = 0
            self._resting = self.rest
        self._waiting += 1
        assert self._waiting < self.patience, f"{self.prefix}: no progress on {self.queue[0]}"
        if not self.queue:
            self._waiting = 0
        self._s0 = bool(self.queue) and not (self.gap and self.random.random() < self.gap)
        if self.rest:
            self._s0 = self._s0 and not self._in_s1 and not self._resting
            self._resting = max(0, self._resting - 1)
        self.pins.write(self._pin("s0_valid"), int(self._s0))
        if self._s0:
            self.pins.write(self._pin("s0_index"), self.queue[0].address & 0xFFF)
            self.pins.write(
                self._pin("s0_reads"), int(self.queue[0].command != MemoryCommand.STORE)
            )

    def end_cycle(self) -> None:
        """Just before the clock edge."""
        self._in_s1 = self._s0 and bool(self.pins.read(self._pin("s0_ready")))
