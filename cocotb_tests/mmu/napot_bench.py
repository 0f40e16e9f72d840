"""16 KiB pages (strap `napot_16k`): one entry for four PTEs, and reserved in every other form."""

import itertools

import cocotb

from cocotb_tests.models import sv39
from cocotb_tests.models.sv39 import PAGE_FAULT, A, Access, Context, D, Fault, N
from cocotb_tests.models.tlb import Fence

from .driver import Request, start_clock
from .tables import KERNEL, RWX, Tables, start_driver

BASE = 0x6_0900_4000
PPN = 0x8_0104
PAGES = [BASE + 0x1000 * page for page in range(4)]
SIDES = (Access.FETCH, Access.LOAD)


def _map(tables: Tables, root: int, base: int = BASE, ppn: int = PPN, flags: int = RWX):
    """Four equal PTEs; their addresses."""
    return [tables.map(root, base + 0x1000 * page, ppn | 0b10, flags | N) for page in range(4)]


@cocotb.test()
async def one_walk_serves_all_four_pages(dut):
    start_clock(dut)
    for first, access in itertools.product(PAGES, SIDES):
        tables = Tables(napot_16k=True)
        root = tables.new_table()
        _map(tables, root)
        driver = await start_driver(dut, tables, napot_16k=1)
        for vaddr in (first, *PAGES):
            request = Request(vaddr + 0x678, access, Context(root_ppn=root))
            outcome = await driver.finish(request)
            assert outcome.fault is Fault.NONE
            assert outcome.paddr == (PPN << 12) + vaddr - BASE + 0x678
            assert (outcome.level, outcome.pte) == (0, tables.read(tables.slot(root, vaddr, 0)))
        assert driver.walks == 1


@cocotb.test()
async def every_other_encoding_is_reserved(dut):
    start_clock(dut)
    for strap, caching in itertools.product((0, 1), (0, 1)):
        tables = Tables(napot_16k=bool(strap))
        root = tables.new_table()
        driver = await start_driver(dut, tables, napot_16k=strap, cache_invalid_ptes=caching)
        tables.map(root, BASE, PPN)
        for level, ppn in itertools.product((0, 1, 2), (*range(16), 0x200, 0x202, 0x4_0000)):
            pte = tables.slot(root, BASE, level)
            saved = tables.read(pte)
            for flags in (RWX, sv39.V):
                tables.write(pte, N | sv39.make_pte(0x8_0000 | ppn, flags))
                await driver.fenced(Fence())
                request = Request(BASE, Access.LOAD, Context(root_ppn=root))
                outcome = await driver.finish(request)
                assert outcome == tables.fresh(request)
                is_page = strap and level == 0 and ppn & 3 == 2 and flags == RWX
                assert (outcome != PAGE_FAULT) == is_page
            tables.write(pte, saved)


@cocotb.test()
async def any_address_in_it_flushes_it(dut):
    start_clock(dut)
    tables = Tables(napot_16k=True)
    root = tables.new_table()
    _map(tables, root)
    _map(tables, root, BASE + 0x4000, PPN + 4, KERNEL)
    driver = await start_driver(dut, tables, napot_16k=1)
    for access, fenced in itertools.product(SIDES, range(8)):
        requests = [
            Request(base, access, Context(asid=1, root_ppn=root)) for base in (BASE, BASE + 0x4000)
        ]
        for fence in (Fence(vaddr=BASE + 0x1000 * fenced + 8, asid=asid) for asid in (None, 1, 2)):
            for request in requests:
                await driver.finish(request)
            await driver.fenced(fence)
            for number, request in enumerate(requests):
                walks = driver.walks
                await driver.finish(request)
                named = fenced // 4 == number
                in_space = fence.asid is None or (fence.asid == 1 and number == 0)
                assert driver.walks - walks == (named and in_space)


@cocotb.test()
async def entries_of_other_sizes_give_way(dut):
    """What was filled last for a page is what it uses, unfenced."""
    start_clock(dut)
    sizes = {"4K": (0, 0), "16K": (0, N), "2M": (1, 0), "1G": (2, 0)}
    for before, after in itertools.permutations(sizes, 2):
        tables = Tables(napot_16k=True)
        roots = tables.new_table(), tables.new_table()
        for root, size in zip(roots, (before, after), strict=True):
            level, napot = sizes[size]
            ppn = (0x8_0102, 0x8_0200, 0x8_0000)[level]
            tables.map(root, BASE & ~0xFFF_FFFF, ppn, RWX & ~D | napot, level)
        driver = await start_driver(dut, tables, napot_16k=1)
        old, new = (
            Request(
                BASE & ~0xFFF_FFFF, access, Context(root_ppn=root, asid=1, hardware_ad_update=1)
            )
            for root, access in zip(roots, (Access.LOAD, Access.STORE), strict=True)
        )
        assert await driver.finish(old) == tables.fresh(old)
        # D is clear in the old entry: the store walks, and must not meet it again.
        assert await driver.finish(new) == tables.fresh(new)
        assert await driver.finish(new, limit=1) == tables.fresh(new)


@cocotb.test()
async def a_and_d_are_set_in_the_pte_of_the_page(dut):
    start_clock(dut)
    tables = Tables(napot_16k=True)
    root = tables.new_table()
    ptes = _map(tables, root, flags=RWX & ~(A | D))
    driver = await start_driver(dut, tables, napot_16k=1)
    context = Context(root_ppn=root, hardware_ad_update=1)
    expected = [0, 0, 0, 0]
    for page, access, bits in ((2, Access.LOAD, A), (1, Access.STORE, A | D), (3, Access.LOAD, 0)):
        await driver.finish(Request(PAGES[page], access, context))
        expected[page] |= bits
        assert [tables.read(pte) & (A | D) for pte in ptes] == expected
