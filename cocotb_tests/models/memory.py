"""Memory as a program sees it: what every completed access read and wrote, in order."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from rtl.mem.ports import MemoryCommand

from .atomics import READ_MODIFY_WRITE, amo_result


@dataclass(frozen=True)
class Access:
    """One access of a requester; `wdata` is unsigned and fits `1 << size` bytes."""

    command: MemoryCommand
    address: int
    size: int
    wdata: int = 0

    @property
    def writes(self) -> bool:
        return self.command not in (MemoryCommand.LOAD, MemoryCommand.LR)


class Memory:
    """Flat little-endian memory of 64-bit words.

    A word that was never written has a random value that depends on its address and the seed only.
    """

    def __init__(self, seed: int = 0):
        self._words: dict[int, int] = {}
        self._seed = seed

    def word(self, address: int) -> int:
        key = address >> 3
        if key not in self._words:
            self._words[key] = random.Random(f"{self._seed} {key}").getrandbits(64)
        return self._words[key]

    def set_word(self, address: int, value: int) -> None:
        self._words[address >> 3] = value

    def line(self, address: int, line_bytes: int) -> list[int]:
        base = address - address % line_bytes
        return [self.word(base + offset) for offset in range(0, line_bytes, 8)]

    def read(self, address: int, size: int) -> int:
        return self.word(address) >> 8 * (address % 8) & (1 << (8 << size)) - 1

    def write(self, address: int, size: int, value: int) -> None:
        shift = 8 * (address % 8)
        mask = ((1 << (8 << size)) - 1) << shift
        self.set_word(address, self.word(address) & ~mask | value << shift & mask)


@dataclass
class HartView:
    """What one hart may observe: checks completed accesses against `memory` and performs them.

    `reserved` is the line of a reservation that may still hold; whoever writes that line on behalf
    of another hart must call `written_by_others`.
    """

    memory: Memory
    line_bytes: int
    reserved: int | None = None
    sc_successes: int = 0
    sc_failures: int = 0
    others: list[HartView] = field(default_factory=list)
    """Other harts on the same memory."""
    before_write: list[Callable[[int], None]] = field(default_factory=list)
    """Called with the address of a word that is about to change."""

    def written_by_others(self, address: int) -> None:
        if self.reserved == address // self.line_bytes:
            self.reserved = None

    def complete(self, access: Access, rdata: int, wresult: int) -> None:
        """Check and perform an access that the hardware has completed with these results."""
        mask = (1 << (8 << access.size)) - 1
        before = self.memory.read(access.address, access.size)
        line = access.address // self.line_bytes
        after = before
        if access.command == MemoryCommand.SC:
            if rdata == 0:
                assert self.reserved == line, f"SC succeeded without a reservation: {access}"
                after = access.wdata
                self.sc_successes += 1
            else:
                assert rdata == 1, f"SC returned {rdata:#x}: {access}"
                self.sc_failures += 1
            self.reserved = None
        else:
            assert rdata & mask == before or access.command == MemoryCommand.STORE, (
                f"{access} read {rdata & mask:#x}, memory holds {before:#x}"
            )
            if access.command == MemoryCommand.LR:
                self.reserved = line
            elif access.command == MemoryCommand.STORE:
                after = access.wdata
            elif access.command in READ_MODIFY_WRITE:
                after = amo_result(access.command, access.size, before, access.wdata)
                if access.command == MemoryCommand.UPDATE_PTE:
                    self.written_by_others(access.address)
        if access.writes and not (access.command == MemoryCommand.SC and rdata):
            assert wresult & mask == after, (
                f"{access} reports {wresult & mask:#x} written, not {after:#x}"
            )
            for notify in self.before_write:
                notify(access.address)
            self.memory.write(access.address, access.size, after)
            for other in self.others:
                other.written_by_others(access.address)
