"""Invalid and denied PTEs: cached as Rocket does, or reported once as CVA6 does."""

import itertools
from dataclasses import replace

import cocotb

from cocotb_tests.models import sv39
from cocotb_tests.models.sv39 import PAGE_FAULT, A, Access, Context, D, Fault, R, U, V, W, X
from cocotb_tests.models.tlb import Fence

from .driver import SIDES, MmuDriver, Request, start_clock
from .tables import RWX, USER, Tables, start_driver

TARGET = 0x6_0900_5000
OTHER = 0x6_0A00_0000
PPN = 0x8_0100
CONTEXT = Context(asid=1)


@cocotb.test()
async def invalid_entries_are_cached(dut):
    """At each level: faults without a walk until fenced, whatever memory says meanwhile."""
    start_clock(dut)
    tables = Tables()
    root = tables.new_table()
    driver = await start_driver(dut, tables, cache_invalid_ptes=1)
    context = replace(CONTEXT, root_ppn=root)
    for level, access in itertools.product((0, 1, 2), Access):
        tables.map(root, TARGET, PPN)
        pte = tables.slot(root, TARGET, level)
        valid = tables.read(pte)
        tables.write(pte, valid & ~V)
        await driver.fenced(Fence())
        request = Request(TARGET, access, context)
        assert await driver.finish(request) == PAGE_FAULT
        tables.write(pte, valid)
        walks = driver.walks
        assert await driver.finish(request, limit=1) == PAGE_FAULT
        assert driver.walks == walks
        # It is a 4 KiB entry, whatever the level it was met at.
        neighbour = Request(TARGET ^ 0x1000, access, context)
        await driver.finish(neighbour)
        assert driver.walks == walks + 1
        await driver.fenced(Fence(vaddr=TARGET))
        assert await driver.finish(request) == tables.fresh(request)


@cocotb.test()
async def invalid_entries_are_not_cached(dut):
    start_clock(dut)
    tables = Tables()
    root = tables.new_table()
    driver = await start_driver(dut, tables, cache_invalid_ptes=0)
    context = replace(CONTEXT, root_ppn=root)
    bad = [0, V | R | W | X | D, V | A, V | W | A | D, V | R | W | X | A, V | X | A | D, USER]
    for bits, access in itertools.product(bad, Access):
        pte = tables.map(root, TARGET, PPN, bits)
        request = Request(TARGET, access, context)
        await driver.fenced(Fence())
        faulted = tables.fresh(request) == PAGE_FAULT
        for _ in range(2):
            walks = driver.walks
            outcome = await driver.finish(request)
            assert outcome == tables.fresh(request)
            assert driver.walks > walks or outcome.fault is Fault.NONE
        tables.write(pte, sv39.make_pte(PPN, RWX))
        if faulted:
            assert await driver.finish(request) == tables.fresh(request)
            assert tables.fresh(request).fault is Fault.NONE


async def _fault_waits(dut, tables: Tables, root: int) -> tuple[MmuDriver, Request]:
    """Have a walk end in a page fault while its requester looks away."""
    driver = await start_driver(dut, tables, cache_invalid_ptes=0)
    request = Request(TARGET, Access.LOAD, replace(CONTEXT, root_ppn=root))
    driver.data = request
    await driver.cycle()
    driver.data = None
    for _ in range(30):
        await driver.cycle()
    assert driver.walks == 1
    return driver, request


@cocotb.test()
async def fault_is_told_once_and_only_to_its_request(dut):
    start_clock(dut)
    tables = Tables()
    root = tables.new_table()
    pte = tables.map(root, TARGET, PPN, 0)
    tables.map(root, OTHER, PPN)

    driver, request = await _fault_waits(dut, tables, root)
    assert await driver.finish(request, limit=1) == PAGE_FAULT
    driver.data = request
    assert (await driver.cycle()).data is None, "told twice"

    strangers = [
        replace(request, vaddr=TARGET + 8),
        replace(request, vaddr=TARGET + 0x1000),
        replace(request, access=Access.STORE),
        request.with_context(privilege=sv39.U_MODE),
        request.with_context(sum=1),
        request.with_context(mxr=1),
        request.with_context(asid=2),
        request.with_context(root_ppn=root + 1),
        replace(request, vaddr=0x8000_0000).with_context(translate=0),
    ]
    for stranger in strangers:
        driver, request = await _fault_waits(dut, tables, root)
        driver.data = stranger
        answer = (await driver.cycle()).data
        assert answer is None or not stranger.context.translate, stranger
        driver.data = None
        for _ in range(30):
            await driver.cycle()
        tables.write(pte, sv39.make_pte(PPN, RWX))
        assert (await driver.finish(request)).fault is Fault.NONE, "told after a stranger"
        tables.write(pte, 0)

    driver, request = await _fault_waits(dut, tables, root)
    driver.fetch = replace(request, access=Access.FETCH)
    assert (await driver.cycle()).fetch is None, "told to the other side"

    for fence in (Fence(), Fence(vaddr=OTHER, asid=7)):
        driver, request = await _fault_waits(dut, tables, root)
        driver.fence = fence
        await driver.cycle()
        driver.data = request
        assert (await driver.cycle()).data is None, "told after a fence"


@cocotb.test()
async def context_is_that_of_the_lookup(dut):
    """SUM, MXR and the mode change between the walk and the lookup, in both directions."""
    start_clock(dut)
    for caching in (0, 1):
        tables = Tables()
        root = tables.new_table()
        driver = await start_driver(dut, tables, cache_invalid_ptes=caching)
        flags = {
            0x1000: USER,
            0x2000: RWX,
            0x3000: V | X | A,
            0x4000: V | X | A | U,
            0x5000: V | R | A,
        }
        for vaddr, bits in flags.items():
            tables.map(root, vaddr, PPN, bits)
        contexts = [
            Context(privilege, 1, sum_, mxr, 1, root)
            for privilege, sum_, mxr in itertools.product((0, 1), (0, 1), (0, 1))
        ]
        # Asked with one context, then, while the walk goes on or after it, with another.
        for vaddr, first, second in itertools.product(flags, contexts, contexts):
            for access, wait in itertools.product(Access, (6, 15)):
                await driver.fenced(Fence(vaddr=vaddr))
                side = SIDES[access]
                setattr(driver, side, Request(vaddr, access, first))
                for _ in range(wait):
                    await driver.cycle()
                request = Request(vaddr, access, second)
                assert await driver.finish(request) == tables.fresh(request)
