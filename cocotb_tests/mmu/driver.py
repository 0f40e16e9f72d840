"""Drives an `Mmu` cycle by cycle, and plays the D$ that its walker reads from."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, ReadOnly, Timer

from cocotb_tests.models import sv39
from cocotb_tests.models.atomics import amo_result
from cocotb_tests.models.sv39 import Access, Context, Fault, MemoryMap, Outcome
from cocotb_tests.models.tlb import Fence
from rtl.config import HartConfig, L2TlbConfig, SocConfig, TlbConfig
from rtl.dev.address_map import DEVICES
from rtl.mem.ports import MemoryCommand

SOC = SocConfig(
    hart=HartConfig(
        itlb=TlbConfig(sectors=3, sector_pages=2, superpages=2),
        dtlb=TlbConfig(sectors=4, sector_pages=4, superpages=2),
        walk_cache_entries=4,
    ),
    dram_bytes=16 << 20,
)
"""The machine under test: small, so that everything in it is evicted now and then."""

SOC_WITH_L2_TLB = replace(SOC, hart=replace(SOC.hart, l2_tlb=L2TlbConfig(sets=4, ways=2)))

MEMORY = MemoryMap(
    SOC.dram_base, SOC.dram_bytes, tuple((device.base, device.size) for device in DEVICES)
)

SIDES = {Access.FETCH: "fetch", Access.LOAD: "data", Access.STORE: "data"}
"""Where each type of access is requested."""


@dataclass(frozen=True)
class Request:
    """One translation, as a requester holds it."""

    vaddr: int
    access: Access = Access.LOAD
    context: Context = field(default_factory=Context)

    def with_context(self, **changes: int) -> Request:
        return replace(self, context=replace(self.context, **changes))


@dataclass(frozen=True)
class WalkRead:
    """A PTE that the walker read in this cycle, from the walk port."""

    instruction: int
    vpn: int
    level: int
    paddr: int
    pte: int
    from_walk_cache: int
    write: int
    wdata: int


@dataclass(frozen=True)
class Sample:
    """What a cycle showed. An outcome is None where a request is not ready, or there is none."""

    fetch: Outcome | None
    data: Outcome | None
    walk: WalkRead | None
    itlb_miss: int
    dtlb_miss: int


_MOST_CYCLES = 500_000
"""Of one driver, many times what any takes: a bench that waits for nothing has to fail."""


def start_clock(dut) -> None:
    """Start the clock of a bench, once per test: several drivers may follow one another."""
    clock = Clock(dut.clk, 2, unit="ns")
    clock.start()


class MmuDriver:
    """Set `fetch`, `data` and `fence` to what the coming cycle shall present, then `cycle()`.

    `read` gives the PTE at a physical address, `write` sets it. `stall` is the probability with
    which the D$ withholds `s0_ready` or `s1_done` in a cycle.
    """

    def __init__(
        self,
        dut,
        read: Callable[[int], int],
        write: Callable[[int, int], None],
        seed: int = 0,
        stall: float = 0.0,
    ):
        self.fetch: Request | None = None
        self.data: Request | None = None
        self.fence: Fence | None = None
        self.stall = stall
        self.walks = 0
        self.reads = 0
        self.updates = 0
        self._dut = dut
        self._read = read
        self._write = write
        self._random = random.Random(seed)
        self._accepted_index: int | None = None
        self._driven: dict[str, int] = {}
        self._cycles = 0
        self._may_update = False

    async def reset(
        self,
        *,
        itlb_sectors_in_use: int = 3,
        dtlb_sectors_in_use: int = 4,
        walk_cache_in_use: int = 4,
        cache_invalid_ptes: int = 1,
        honour_asid: int = 1,
        svvptc_bound: int = 0,
        napot_16k: int = 0,
        speculative_walk_seed: int = 0,
    ) -> None:
        """Set the straps and reset the unit; the clock is running."""
        dut = self._dut
        dut.straps__itlb_sectors_in_use.value = itlb_sectors_in_use
        dut.straps__dtlb_sectors_in_use.value = dtlb_sectors_in_use
        dut.straps__walk_cache_in_use.value = walk_cache_in_use
        dut.straps__cache_invalid_ptes.value = cache_invalid_ptes
        dut.straps__honour_asid.value = honour_asid
        dut.straps__svvptc_bound.value = svvptc_bound
        dut.straps__napot_16k.value = napot_16k
        dut.straps__speculative_walk_seed.value = speculative_walk_seed
        # The first entry of the protection lets everybody do everything.
        dut.pmp__0__end.value = 1 << 44
        for right in "rwx":
            getattr(dut, f"pmp__0__{right}").value = 1
        for name in ("fetch__valid", "data__valid", "fence__valid", "dcache__s0_ready"):
            getattr(dut, name).value = 0
        dut.rst.value = 1
        await FallingEdge(dut.clk)
        await FallingEdge(dut.clk)
        dut.rst.value = 0

    async def cycle(self) -> Sample:
        """One clock cycle: drive what is set, return what the unit answers; clears the fence."""
        self._cycles += 1
        assert self._cycles < _MOST_CYCLES, "what the bench waits for never comes"
        self._drive_request("fetch", self.fetch)
        self._drive_request("data", self.data)
        self._drive_fence()
        for request in (self.fetch, self.data):
            self._may_update |= request is not None and bool(request.context.hardware_ad_update)
        if self._may_update:
            # Whether a PTE is updated depends on who asks in this cycle.
            await Timer(1, unit="step")
        self._drive_dcache()
        await ReadOnly()
        sample = self._sample()
        await FallingEdge(self._dut.clk)
        self.fence = None
        return sample

    async def finish(self, request: Request, limit: int = 400) -> Outcome:
        """Hold a request until it is ready, then drop it."""
        side = SIDES[request.access]
        setattr(self, side, request)
        for _ in range(limit):
            outcome = getattr(await self.cycle(), side)
            if outcome is not None:
                setattr(self, side, None)
                return outcome
        raise AssertionError(f"{side} got no answer in {limit} cycles: {request}")

    async def fenced(self, fence: Fence) -> None:
        """One cycle with a fence and no requests."""
        self.fetch = self.data = None
        self.fence = fence
        await self.cycle()

    def _drive(self, name: str, value: int) -> None:
        if self._driven.get(name) != value:
            self._driven[name] = value
            getattr(self._dut, name).value = value

    def _drive_request(self, side: str, request: Request | None) -> None:
        self._drive(f"{side}__valid", int(request is not None))
        if request is not None:
            self._drive(f"{side}__vaddr", request.vaddr)
            self._drive(f"{side}__access", request.access.value)
            self._drive(f"{side}__context", request.context.bits())

    def _drive_fence(self) -> None:
        self._drive("fence__valid", int(self.fence is not None))
        if self.fence is not None:
            self._drive("fence__has_vaddr", int(self.fence.vaddr is not None))
            self._drive("fence__has_asid", int(self.fence.asid is not None))
            self._drive("fence__vaddr", self.fence.vaddr or 0)
            self._drive("fence__asid", self.fence.asid or 0)

    def _drive_dcache(self) -> None:
        dut = self._dut
        done = 0
        if int(dut.dcache__s1_valid.value):
            assert self._accepted_index is not None, "s1 without an accepted s0"
            paddr = int(dut.dcache__s1_paddr.value)
            assert paddr & 0xFFF == self._accepted_index, "s1 has another address than s0"
            assert MEMORY.is_dram(paddr), f"the walker reads {paddr:#x}, which is not memory"
            done = int(self._random.random() >= self.stall)
            if done:
                self._perform(MemoryCommand(int(dut.dcache__s1_command.value)), paddr)
        self._drive("dcache__s1_done", done)
        self._drive("dcache__s0_ready", int(self._random.random() >= self.stall))

    def _perform(self, command: MemoryCommand, paddr: int) -> None:
        before = self._read(paddr)
        self._drive("dcache__s1_rdata", before)
        if command == MemoryCommand.LOAD:
            self.reads += 1
            return
        assert command == MemoryCommand.UPDATE_PTE
        self.updates += 1
        after = amo_result(command, 3, before, int(self._dut.dcache__s1_wdata.value))
        self._drive("dcache__s1_wresult", after)
        if after & ~before & sv39.D:
            asked = self.data.access if self.data else None
            assert asked is Access.STORE, "D is set speculatively"
        if after != before:
            self._write(paddr, after)

    def _sample(self) -> Sample:
        dut = self._dut
        self._accepted_index = None
        if self._driven["dcache__s0_ready"] and int(dut.dcache__s0_valid.value):
            self._accepted_index = int(dut.dcache__s0_index.value)
        itlb_miss, dtlb_miss = int(dut.itlb_miss.value), int(dut.dtlb_miss.value)
        assert int(dut.walk_started.value) == itlb_miss + dtlb_miss
        self.walks += itlb_miss + dtlb_miss
        return Sample(
            self._outcome("fetch", self.fetch),
            self._outcome("data", self.data),
            self._walk_read(),
            itlb_miss,
            dtlb_miss,
        )

    def _outcome(self, side: str, request: Request | None) -> Outcome | None:
        def value(name: str) -> int:
            return int(getattr(self._dut, f"{side}__{name}").value)

        if request is None or not value("ready"):
            return None
        fault = Fault(value("fault"))
        if fault is not Fault.NONE:
            return Outcome(fault)
        paddr = value("paddr")
        assert value("cacheable") == MEMORY.is_dram(paddr), f"cacheable is wrong for {paddr:#x}"
        return Outcome(fault, paddr, value("pte"), value("level"))

    def _walk_read(self) -> WalkRead | None:
        dut = self._dut
        if not int(dut.walk__valid.value):
            return None
        return WalkRead(
            int(dut.walk__instruction.value),
            int(dut.walk__vpn.value),
            int(dut.walk__level.value),
            int(dut.walk__paddr.value),
            int(dut.walk__pte.value),
            int(dut.walk__from_walk_cache.value),
            int(dut.walk__write.value),
            int(dut.walk__wdata.value),
        )
