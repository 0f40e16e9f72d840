"""Drives `BufferedAccess` as a pipeline does; checks it against memory and a queue of stores."""

from __future__ import annotations

import enum
import random
from collections import deque
from dataclasses import dataclass

from cocotb_tests.mem.dcache_bench import drive_bus, sample_bus
from cocotb_tests.mem.handles import Pins
from cocotb_tests.mem.requester import Requester
from cocotb_tests.models.hub import Freedom, ManagerModel
from cocotb_tests.models.memory import Access, HartView, Memory
from rtl.mem.ports import MemoryCommand

DEVICE = 0x1000_0000


class Fence(enum.Enum):
    """An instruction that waits until the store buffer is empty."""

    FENCE = 0


@dataclass
class Done:
    """An instruction that left MEM: its cycle, and its value of rd."""

    item: Access | Fence
    cycle: int
    rdata: int


class BufferedDriver:
    """Items of `queue` go through MEM in order.

    `gap`, `kill`, `refusal`, `untranslated` are probabilities: nothing follows in EX; the first
    cycle of an access is flushed, and it comes again; a port of the D$ is refused; the TLB misses.
    """

    def __init__(self, dut, line_bytes: int, freedom: Freedom, probe_lines: list[int], seed: int):
        self.pins = Pins(dut)
        self.random = random.Random(seed)
        self.memory = Memory(seed)
        self.view = HartView(self.memory, line_bytes)
        self.manager = ManagerModel(
            self.memory,
            line_bytes,
            freedom,
            probe_lines,
            on_foreign_write=self.view.written_by_others,
            random=self.random,
        )
        self.walker = Requester(self.pins, "ports__0", self._walker_read, self.random, rest=2)
        self.host = Requester(self.pins, "ports__1", self._host_stored, self.random, rest=1)
        self.gap = self.kill = self.refusal = self.untranslated = 0.0
        self.queue: deque[Access | Fence] = deque()
        self.done: list[Done] = []
        self.pending: list[tuple[Access, int]] = []
        """Stores that are complete and not performed, with the cycle in which they were pushed."""
        self.performed: list[int] = []
        self.longest_wait = self.forwarded = self.stale_walks = 0
        self.cycle = 0
        self._item: Access | Fence | None = None
        self._next: Access | Fence | None = None
        self._first = False
        self._kill = False
        self._device_asked = 0

    async def reset(self) -> None:
        await self.pins.reset({"valid": 0, "drain": 0, "next_valid": 0, "refuse": 0, "kill": 0})

    def _chance(self, probability: float) -> bool:
        return probability > 0 and self.random.random() < probability

    def _overlaid(self, address: int, size: int) -> tuple[int, bool]:
        """What a load of the hart reads, and whether a store that is pending has to do with it."""
        value = {address + byte: self.memory.read(address + byte, 0) for byte in range(1 << size)}
        before = dict(value)
        touched = False
        for store, _ in self.pending:
            for byte in range(1 << store.size):
                if store.address + byte in value:
                    value[store.address + byte] = store.wdata >> 8 * byte & 0xFF
                    touched = True
        result = sum(byte << 8 * number for number, byte in enumerate(value.values()))
        return result, touched and value != before

    def _walker_read(self, access: Access, rdata: int, wresult: int) -> None:
        self.view.complete(access, rdata, wresult)
        self.stale_walks += self._overlaid(access.address, access.size)[1]

    def _host_stored(self, access: Access, rdata: int, wresult: int) -> None:
        assert not self.pending, "the host overtook stores that had retired"
        self.view.complete(access, rdata, wresult)
        self.view.written_by_others(access.address)

    def _drive(self) -> None:
        write, item = self.pins.write, self._item
        access = item if isinstance(item, Access) else None
        self._kill = item is not None and self._first and self._chance(self.kill)
        self._next = self.queue[0] if self.queue and not self._chance(self.gap) else None
        following = self._next if isinstance(self._next, Access) else None
        reads_set = following is not None and following.command != MemoryCommand.STORE
        write("valid", int(access is not None))
        write("drain", int(item is Fence.FENCE))
        write("kill", int(self._kill))
        write("next_valid", int(reads_set))
        if following:
            write("next_index", following.address & 0xFFF)
        if access:
            write("command", access.command.value)
            write("size", access.size)
            write("address", access.address)
            write("wdata", access.wdata)
            write("cacheable", int(access.address >= 0x8000_0000))
        write("translated", int(not self._chance(self.untranslated)))
        write("refuse", sum(self._chance(self.refusal) << port for port in range(4)))
        answers = self._device_asked > 3
        write("mmio__done", int(answers))
        write("mmio__rdata", DEVICE if answers else 0)

    def _observe(self) -> None:
        read = self.pins.read
        if read("performed"):
            assert self.pending, "a store was performed that is not in the buffer"
            store, pushed = self.pending.pop(0)
            self.view.complete(store, 0, store.wdata)
            self.performed.append(self.cycle)
            self.longest_wait = max(self.longest_wait, self.cycle - pushed)
        asked = read("mmio__valid")
        assert not (asked and self.pending), "a device was asked before older stores were performed"
        assert asked or not self._device_asked or read("mmio__done"), "a request was withdrawn"
        self._device_asked = 0 if read("mmio__done") else self._device_asked + asked
        assert not read("exception")
        if self._kill:
            assert self._item is not None
            self.queue.appendleft(self._item)
            self._item = None
        elif self._item is None or not read("hold"):
            if self._item is not None:
                self._complete(self._item, read("rdata"), read("memory_value"))
            self._item = self.queue.popleft() if self._next is not None else None
            self._first = True
        else:
            self._first = False

    def _complete(self, item: Access | Fence, rdata: int, memory_value: int) -> None:
        self.done.append(Done(item, self.cycle, rdata))
        if isinstance(item, Fence):
            assert not self.pending, "a fence was complete before the stores"
            return
        mask = (1 << (8 << item.size)) - 1
        if item.address < 0x8000_0000:
            return
        if item.command == MemoryCommand.STORE:
            assert memory_value & mask == item.wdata
            self.pending.append((item, self.cycle))
        elif item.command == MemoryCommand.LOAD:
            value, touched = self._overlaid(item.address, item.size)
            sign = value >> (8 << item.size) - 1
            extended = value | (~mask & (1 << 64) - 1 if sign else 0)
            assert rdata == extended, f"{item} read {rdata:#x}, not {extended:#x}"
            self.forwarded += touched
        else:
            assert not self.pending, f"{item} overtook stores"
            self.view.complete(item, rdata & mask, memory_value & mask)

    async def step(self) -> None:
        others = (self.walker, self.host)
        for requester in others:
            requester.drive_s1()
        self._drive()
        wires = self.manager.drive()
        drive_bus(self.pins, "bus", wires)
        await self.pins.settle()
        for requester in others:
            requester.drive_s0(self.cycle)
        await self.pins.settle()
        for requester in others:
            requester.end_cycle()
        sample_bus(self.pins, "bus", wires)
        self.manager.observe(wires)
        self._observe()
        await self.pins.clock_edge()
        self.cycle += 1

    @property
    def idle(self) -> bool:
        return not self.queue and self._item is None

    async def run(self, *items: Access | Fence, limit: int = 60_000) -> list[Done]:
        """Until everything has left MEM and the buffer is empty; what was completed meanwhile."""
        before = len(self.done)
        self.queue.extend(items)
        end = self.cycle + limit
        while not (self.idle and self.walker.idle and self.host.idle and not self.pending):
            assert self.cycle < end, f"no end in sight: {self._item}, {self.pending}"
            await self.step()
        return self.done[before:]
