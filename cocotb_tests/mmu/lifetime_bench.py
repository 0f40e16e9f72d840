"""Svvptc: how long after a PTE became valid the invalid one can still cause a fault."""

import itertools

import cocotb

from cocotb_tests.models import sv39
from cocotb_tests.models.sv39 import PAGE_FAULT, Access, Context, Fault
from cocotb_tests.models.tlb import Fence
from rtl.mmu.lifetime import CYCLES_IN_WALKER

from .driver import SIDES, MmuDriver, Request, start_clock
from .tables import RWX, Tables, start_driver

TARGET = 0x6_0900_5000
PPN = 0x8_0100
BOUNDS = (1, 5, 6, 7, 12, 40)
LONGEST_WALK = 25


async def _last_fault(driver: MmuDriver, tables: Tables, request: Request, pte: int) -> int:
    """Make the PTE valid now and ask until it is used: number of the last fault's cycle, or -1.

    Cycle 0 is the first in which a read of the PTE returns the new value.
    """
    tables.write(pte, sv39.make_pte(PPN, RWX))
    side = SIDES[request.access]
    setattr(driver, side, request)
    last = -1
    for cycle in itertools.count():
        answer = getattr(await driver.cycle(), side)
        if answer == PAGE_FAULT:
            last = cycle
        elif answer is not None:
            assert answer == tables.fresh(request)
            break
    setattr(driver, side, None)
    return last


async def _longest(dut, bound: int, caching: int, access: Access, stall: float) -> int:
    """The longest life of a fault, whatever the cycle in which the PTE becomes valid."""
    tables = Tables()
    root = tables.new_table()
    pte = tables.map(root, TARGET, PPN, 0)
    request = Request(TARGET, access, Context(root_ppn=root))
    driver = await start_driver(
        dut, tables, stall=stall, svvptc_bound=bound, cache_invalid_ptes=caching
    )
    longest = 0
    for offset in range(max(bound, LONGEST_WALK) + 20):
        tables.write(pte, 0)
        await driver.fenced(Fence())
        side = SIDES[access]
        setattr(driver, side, request)
        for _ in range(offset):
            await driver.cycle()
        longest = max(longest, await _last_fault(driver, tables, request, pte))
    return longest


@cocotb.test()
async def the_bound_holds(dut):
    start_clock(dut)
    for bound, access in itertools.product(BOUNDS, (Access.FETCH, Access.STORE)):
        shortest = max(bound, CYCLES_IN_WALKER)
        for caching, stall in itertools.product((0, 1), (0.0, 0.4)):
            longest = await _longest(dut, bound, caching, access, stall)
            assert longest <= shortest, (bound, access, caching, stall)


@cocotb.test()
async def the_bound_is_used_up(dut):
    """The PTE becomes valid just after it was read, at all offsets to when entries are dropped."""
    start_clock(dut)
    for bound, access in itertools.product(BOUNDS, (Access.FETCH, Access.STORE)):
        tables = Tables()
        root = tables.new_table()
        pte = tables.map(root, TARGET, PPN, 0)
        request = Request(TARGET, access, Context(root_ppn=root))
        driver = await start_driver(dut, tables, svvptc_bound=bound)
        longest = 0
        for offset in range(2 * bound):
            tables.write(pte, 0)
            await driver.fenced(Fence())
            for _ in range(offset):
                await driver.cycle()
            setattr(driver, SIDES[access], request)
            while (walk := (await driver.cycle()).walk) is None or walk.level:
                pass
            longest = max(longest, await _last_fault(driver, tables, request, pte))
        assert longest == max(bound, CYCLES_IN_WALKER), (bound, access)


@cocotb.test()
async def a_fault_that_waits_for_its_request_is_forgotten(dut):
    start_clock(dut)
    for bound, access in itertools.product(BOUNDS, (Access.FETCH, Access.STORE)):
        tables = Tables()
        root = tables.new_table()
        pte = tables.map(root, TARGET, PPN, 0)
        request = Request(TARGET, access, Context(root_ppn=root))
        driver = await start_driver(dut, tables, svvptc_bound=bound, cache_invalid_ptes=0)
        for away in range(60):
            tables.write(pte, 0)
            await driver.fenced(Fence())
            setattr(driver, SIDES[access], request)
            await driver.cycle()
            setattr(driver, SIDES[access], None)
            for _ in range(25):
                await driver.cycle()
            tables.write(pte, sv39.make_pte(PPN, RWX))
            for _ in range(away):
                await driver.cycle()
            answer = await driver.finish(request)
            assert answer.fault is Fault.NONE or away <= max(bound, CYCLES_IN_WALKER)


@cocotb.test()
async def valid_entries_and_denials_stay(dut):
    start_clock(dut)
    tables = Tables()
    root = tables.new_table()
    driver = await start_driver(dut, tables, svvptc_bound=10)
    flags = (RWX, RWX & ~sv39.W, RWX & ~sv39.A)
    requests = [
        Request(TARGET + 0x1000 * page, Access.STORE, Context(root_ppn=root)) for page in range(3)
    ]
    for request, bits in zip(requests, flags, strict=True):
        tables.map(root, request.vaddr, PPN, bits)
        await driver.finish(request)
    walks = driver.walks
    for _ in range(20):
        for request in requests:
            await driver.finish(request, limit=1)
    assert driver.walks == walks


@cocotb.test()
async def without_a_bound_only_a_fence_ends_it(dut):
    start_clock(dut)
    tables = Tables()
    root = tables.new_table()
    pte = tables.map(root, TARGET, PPN, 0)
    request = Request(TARGET, Access.LOAD, Context(root_ppn=root))
    driver = await start_driver(dut, tables)
    assert await driver.finish(request) == PAGE_FAULT
    tables.write(pte, sv39.make_pte(PPN, RWX))
    for _ in range(500):
        assert await driver.finish(request, limit=1) == PAGE_FAULT
