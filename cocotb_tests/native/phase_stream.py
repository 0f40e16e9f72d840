"""Random programs for the collector, with the phases that it must find.

A program is walked by its own rules: a function is called and returns, a trap enters the vector and
returns. Each record comes with the cycles since the one before, and the walk knows to which phases
they belong, so that what is expected is summed up on the way and never searched for.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import numpy as np

from sim.job import EVENTS

from .native_library import Collector, NativeRecord

SRET, NOP = 0x10200073, 0x13
RA, SP = 1, 2
USER, SUPERVISOR = 0, 1
RETIRING = 0

VECTOR, ENTRY_DONE, FAULT_SRET = 0x8000_1000, 0x8000_1040, 0x8000_1080
EXIT, EXIT_SRET = 0x8000_1100, 0x8000_1140
MAP = 0x8000_2000
SWITCH, SWITCHED = 0x8000_3000, 0x8000_3100
BODY = 0x8000_4000

ENTRY_PHASE, FAULT_PHASE, EXIT_PHASE, MAP_PHASE, SWITCH_PHASE = range(5)
JOB_LINES = f"""
phase entry {VECTOR:#x} {ENTRY_DONE:#x} before 1 {FAULT_SRET:#x}
phase fault {VECTOR:#x} {FAULT_SRET:#x} after 1 {ENTRY_DONE:#x}
phase exit {EXIT:#x} {EXIT_SRET:#x} after 0 -
phase map {MAP:#x} {MAP:#x} return 0 -
phase switch {SWITCH:#x} {SWITCHED:#x} return 0 -
"""


@dataclass
class Expected:
    """A phase in progress, and in the end what its sample must say."""

    phase: int
    begin: int
    end: int = 0
    nested_traps: int = 0
    instructions: int = 0
    stalls: np.ndarray = field(default_factory=lambda: np.zeros(16, np.uint32))
    events: np.ndarray = field(default_factory=lambda: np.zeros(len(EVENTS), np.uint32))


class Stream:
    """Feeds the collector, and charges every record to the phases in `running`."""

    def __init__(self, collector: Collector, seed: int):
        self._collector = collector
        self._random = random.Random(seed)
        self._cycle = -1
        self._pc = BODY
        self.running: list[Expected] = []
        self.finished: list[Expected] = []
        self.sp = 0x9000_0000
        self._stacks = 0
        self.record(BODY, rd=SP, rd_data=self.sp)

    def record(
        self, pc: int, *, insn: int = NOP, trap: bool = False, rd: int = 0, rd_data: int = 0
    ) -> None:
        """Some stalls, then one record; all of it belongs to the running phases."""
        for _ in range(self._random.choice((0, 0, 1, 5))):
            self._one_cycle(self._random.randrange(1, 16), None)
        record = NativeRecord(
            pc=pc, insn=insn, privilege=SUPERVISOR, trap=trap, rd_valid=rd != 0, rd=rd,
            rd_data=rd_data,
        )  # fmt: skip
        self._one_cycle(RETIRING, record)
        for phase in self.running:
            phase.instructions += not trap
        if rd == SP:
            self.sp = rd_data

    def _one_cycle(self, cause: int, record: NativeRecord | None) -> None:
        events = self._random.randrange(1 << len(EVENTS)) if self._random.random() < 0.1 else 0
        self._collector.cycle(cause, SUPERVISOR, events, record)
        self._cycle += 1
        for phase in self.running:
            phase.stalls[cause] += 1
            phase.events += np.array([events >> bit & 1 for bit in range(len(EVENTS))], np.uint32)

    def start(self, phase: int) -> Expected:
        """Charge what comes from here on to a new phase."""
        expected = Expected(phase, self._cycle)
        self.running.append(expected)
        return expected

    def finish(self, expected: Expected, *, keep: bool = True) -> None:
        self.running.remove(expected)
        expected.end = self._cycle
        if keep:
            self.finished.append(expected)

    def work(self, depth: int) -> None:
        """Instructions of no interest, with interrupts, faults and calls between."""
        for _ in range(self._random.randrange(1, 4)):
            self._pc = BODY + 4 * self._random.randrange(64)
            self.record(self._pc)
            if depth > 0:
                self._random.choice((self.interrupt, self.map, self.switch, self.work))(depth - 1)

    def interrupt(self, depth: int) -> None:
        """A trap out of whatever runs, through the whole of entry and exit."""
        self._trap(lambda: self._entry(depth))

    def map(self, depth: int) -> None:
        """A call of a function that is a phase; an interrupt may come before or after its ret."""
        back = BODY + 0x1000 + 4 * self._random.randrange(64)
        self.record(back - 4, rd=RA, rd_data=back)
        phase = self.start(MAP_PHASE)
        self.record(MAP)
        outer = self.sp
        self.record(MAP + 4, rd=SP, rd_data=outer - 32)
        self.work(depth)
        self.record(MAP + 8, rd=SP, rd_data=outer)
        self.record(MAP + 12)
        self.finish(phase)
        if self._random.random() < 0.3:
            self._trap(lambda: self._entry(0), back)
        self.record(back)

    def switch(self, depth: int) -> None:
        """Begins on one stack and ends on another."""
        phase = self.start(SWITCH_PHASE)
        self.record(SWITCH)
        outer = self.sp
        self._stacks += 1
        self.record(SWITCH + 4, rd=SP, rd_data=0x9000_0000 + 0x10_0000 * self._stacks)
        back = BODY + 0x2000
        self.record(SWITCH + 8, rd=RA, rd_data=back)
        self.record(SWITCHED)
        self.work(depth)
        self.record(SWITCHED + 4)
        self.finish(phase)
        self.record(back, rd=SP, rd_data=outer)

    def _trap(self, handler, pc: int | None = None) -> None:
        """Suspend the running phases around a handler that ends with a trap return."""
        suspended, self.running = self.running, []
        for phase in suspended:
            phase.nested_traps += 1
        pc = self._pc if pc is None else pc
        entry, fault = self.start(ENTRY_PHASE), self.start(FAULT_PHASE)
        self.record(pc, trap=True)
        outer = self.sp
        self._handler = (entry, fault)
        handler()
        assert self.sp == outer
        assert not self.running
        self.running = suspended
        self.record(pc)

    def _entry(self, depth: int) -> None:
        entry, fault = self._handler
        outer = self.sp
        self.record(VECTOR)
        if depth > 0 and self._random.random() < 0.5:
            # The entry stores to a page of the stack that is not there, and is repeated.
            self._pc = VECTOR + 4
            self._trap(self._stack_fault)
        self.record(VECTOR + 8, rd=SP, rd_data=outer - 288)
        self.finish(entry)
        self.finish(fault, keep=False)
        self.record(ENTRY_DONE)
        self.work(depth)
        leave = self.start(EXIT_PHASE)
        self.record(EXIT, rd=SP, rd_data=outer)
        self.record(EXIT_SRET, insn=SRET)
        self.finish(leave)

    def _stack_fault(self) -> None:
        entry, fault = self._handler
        outer = self.sp
        self.record(VECTOR)
        self.record(VECTOR + 12, rd=SP, rd_data=0xA000_0000)
        self.map(0)
        self.record(VECTOR + 16, rd=SP, rd_data=outer)
        self.record(FAULT_SRET, insn=SRET)
        self.finish(fault)
        self.finish(entry, keep=False)
