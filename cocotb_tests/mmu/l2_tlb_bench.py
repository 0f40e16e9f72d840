"""The L2 TLB inside the MMU: what it keeps, what a fence leaves of it, and its latency."""

import itertools

import cocotb

from cocotb_tests.models import sv39
from cocotb_tests.models.sv39 import PAGE_FAULT, Access, Context, D, N
from cocotb_tests.models.tlb import Fence
from rtl.mmu.l2_tlb import GENERATION_BITS

from .driver import SIDES, MmuDriver, Request, start_clock
from .tables import KERNEL, RWX, Tables, start_driver

TARGET = 0x6_0900_5000
SAME_SET = 0x4000
PPN = 0x8_0100
FAR = 0x7_0000_0000
"""Pages that evict from the first level what is not used: each is in a sector of its own."""


class Bench:
    """Tables of two address spaces, and one that evicts."""

    def __init__(self, napot_16k: bool = False):
        self.tables = Tables(napot_16k=napot_16k)
        self.root = self.tables.new_table()
        self.driver: MmuDriver

    async def start(self, dut, **straps: int) -> None:
        self.driver = await start_driver(dut, self.tables, walk_cache_in_use=0, **straps)
        for _ in range(40):
            await self.driver.cycle()

    def request(self, vaddr: int, access: Access = Access.LOAD, **context: int) -> Request:
        return Request(vaddr, access, Context(root_ppn=self.root, **{"asid": 1, **context}))

    async def evict(self) -> None:
        """Fill both first-level TLBs with other pages, of sets that no test looks at."""
        for number, access in itertools.product(range(4), (Access.FETCH, Access.LOAD)):
            vaddr = FAR + 0x40_0000 * number
            self.tables.map(self.root, vaddr, 0x8_0000, RWX, 1)
            await self.driver.finish(self.request(vaddr, access))
            vaddr = FAR + 0x1000_0000 + 0x1_0000 * number + 0x3000
            self.tables.map(self.root, vaddr, PPN)
            await self.driver.finish(self.request(vaddr, access))

    async def reads(self, request: Request) -> int:
        """PTEs read for a translation."""
        before = self.driver.reads
        await self.driver.finish(request)
        return self.driver.reads - before


@cocotb.test()
async def a_hit_takes_seven_cycles(dut):
    start_clock(dut)
    bench = Bench()
    bench.tables.map(bench.root, TARGET, PPN)
    await bench.start(dut)
    for access in (Access.FETCH, Access.LOAD, Access.FETCH):
        request = bench.request(TARGET, access)
        await bench.driver.finish(request)
        await bench.evict()
        setattr(bench.driver, SIDES[access], request)
        cycles = 0
        while (answer := getattr(await bench.driver.cycle(), SIDES[access])) is None:
            cycles += 1
        setattr(bench.driver, SIDES[access], None)
        assert (cycles, answer) == (7, bench.tables.fresh(request))


@cocotb.test()
async def one_side_finds_what_the_other_walked_for(dut):
    start_clock(dut)
    bench = Bench()
    bench.tables.map(bench.root, TARGET, PPN)
    await bench.start(dut)
    assert await bench.reads(bench.request(TARGET, Access.FETCH)) == 3
    assert await bench.reads(bench.request(TARGET, Access.LOAD)) == 0


@cocotb.test()
async def only_valid_small_pages_are_kept(dut):
    start_clock(dut)
    # Flags and level of the leaf; reads of the second walk, 0 where the first one's end was kept.
    cases = ((0, 0, 3), (RWX & ~sv39.X, 0, 3), (RWX, 0, 0), (N | RWX, 0, 3), (RWX, 1, 2))
    for flags, level, expected in cases:
        bench = Bench(napot_16k=True)
        ppn = 0x8_0200 if level else PPN | 0b10
        bench.tables.map(bench.root, TARGET, ppn, flags, level)
        await bench.start(dut, napot_16k=1, cache_invalid_ptes=0)
        await bench.driver.finish(bench.request(TARGET, Access.FETCH))
        assert await bench.reads(bench.request(TARGET)) == expected, (hex(flags), level)


@cocotb.test()
async def every_form_of_fence(dut):
    start_clock(dut)
    pages = {TARGET: "target", TARGET + SAME_SET: "same set", TARGET ^ 0x1000: "other set"}
    for is_global, honour in itertools.product((0, 1), (0, 1)):
        bench = Bench()
        for vaddr in pages:
            bench.tables.map(bench.root, vaddr, PPN, KERNEL if is_global else RWX)
        await bench.start(dut, honour_asid=honour)
        for at, asid in itertools.product((None, TARGET | 0x123), (None, 1, 3)):
            for vaddr, name in pages.items():
                await bench.driver.fenced(Fence())
                await bench.driver.finish(bench.request(vaddr))
                await bench.driver.fenced(Fence(at, asid))
                await bench.evict()
                named = at is None or name == "target"
                # All address spaces are dropped where none is named by address.
                same_space = at is None or asid == 1 or not honour
                dropped = named and (asid is None or (not is_global and same_space))
                expected = 3 if dropped else 0
                assert await bench.reads(bench.request(vaddr)) == expected, (at, asid, name)


@cocotb.test()
async def address_spaces_are_told_apart(dut):
    start_clock(dut)
    bench = Bench()
    await bench.start(dut)
    roots = [bench.tables.new_table() for _ in range(2)]
    for number, root in enumerate(roots):
        bench.tables.map(root, TARGET, PPN + number)
    for _ in range(3):
        for number, root in enumerate(roots):
            request = Request(TARGET, Access.LOAD, Context(asid=number, root_ppn=root))
            assert await bench.driver.finish(request) == bench.tables.fresh(request)
        await bench.evict()


@cocotb.test()
async def a_clean_entry_is_walked_for_again(dut):
    start_clock(dut)
    bench = Bench()
    pte = bench.tables.map(bench.root, TARGET, PPN, RWX & ~D)
    await bench.start(dut)
    context = {"hardware_ad_update": 1}
    await bench.driver.finish(bench.request(TARGET, Access.FETCH, **context))
    store = bench.request(TARGET, Access.STORE, **context)
    assert (await bench.driver.finish(store)).pte == bench.tables.read(pte)
    assert bench.tables.read(pte) & D
    await bench.evict()
    assert await bench.reads(store) == 0, "the dirty entry took the place of the clean one"


@cocotb.test()
async def fence_in_every_cycle_around_a_hit(dut):
    start_clock(dut)
    forms = (Fence(), Fence(vaddr=TARGET), Fence(asid=1), Fence(vaddr=TARGET, asid=1))
    for fence, fence_at, gap in itertools.product(forms, range(12), (0, 1, 2)):
        bench = Bench()
        pte = bench.tables.map(bench.root, TARGET, PPN)
        await bench.start(dut)
        await bench.driver.finish(bench.request(TARGET, Access.FETCH))
        bench.driver.data = bench.request(TARGET)
        for _ in range(fence_at):
            await bench.driver.cycle()
        bench.tables.write(pte, 0)
        bench.driver.fence = fence
        await bench.driver.cycle()
        bench.driver.data = None
        for _ in range(gap):
            await bench.driver.cycle()
        for access in (Access.LOAD, Access.FETCH):
            assert await bench.driver.finish(bench.request(TARGET, access)) == PAGE_FAULT


@cocotb.test()
async def generations_come_around_and_nothing_returns(dut):
    start_clock(dut)
    for is_global, fence in ((0, Fence(asid=1)), (1, Fence())):
        bench = Bench()
        pte = bench.tables.map(bench.root, TARGET, PPN, KERNEL if is_global else RWX)
        await bench.start(dut)
        await bench.driver.finish(bench.request(TARGET))
        bench.tables.write(pte, 0)
        for _ in range(1 << GENERATION_BITS):
            bench.driver.fence = fence
            await bench.driver.cycle()
        assert await bench.driver.finish(bench.request(TARGET)) == PAGE_FAULT


@cocotb.test()
async def a_set_that_is_just_being_emptied_does_not_hit(dut):
    """Its entry has the number of the new generation; it is looked up in every cycle."""
    start_clock(dut)
    last_set = TARGET | 0x3000
    for wait in range(4):
        bench = Bench()
        pte = bench.tables.map(bench.root, last_set, PPN)
        await bench.start(dut)
        await bench.driver.finish(bench.request(last_set))
        bench.tables.write(pte, 0)
        for _ in range(1 << GENERATION_BITS):
            bench.driver.fence = Fence(asid=1)
            await bench.driver.cycle()
        for _ in range(wait):
            await bench.driver.cycle()
        assert await bench.driver.finish(bench.request(last_set)) == PAGE_FAULT


@cocotb.test()
async def reset_empties_it(dut):
    start_clock(dut)
    bench = Bench()
    pte = bench.tables.map(bench.root, TARGET, PPN)
    await bench.start(dut)
    await bench.driver.finish(bench.request(TARGET))
    bench.tables.write(pte, 0)
    for wait in (0, 40):
        bench.driver = await start_driver(dut, bench.tables, walk_cache_in_use=0)
        for _ in range(wait):
            await bench.driver.cycle()
        assert await bench.driver.finish(bench.request(TARGET)) == PAGE_FAULT
