"""A and D bits set by the walker (Svadu): what is set, when, and what nobody else loses by it."""

import itertools
from dataclasses import replace

import cocotb

from cocotb_tests.models import sv39
from cocotb_tests.models.sv39 import PAGE_FAULT, A, Access, Context, D, Fault, R, U, V, W, X
from cocotb_tests.models.tlb import Fence

from .driver import SIDES, Request, start_clock
from .tables import KERNEL, RWX, Tables, start_driver

TARGET = 0x6_0060_5000
PPNS = (0x8_0123, 0x8_0200, 0x8_0000)
"""Of a leaf of each level."""
CLEAR = V | R | W | X


def _request(root: int, access: Access, **context: int) -> Request:
    return Request(TARGET, access, Context(asid=1, root_ppn=root, hardware_ad_update=1, **context))


@cocotb.test()
async def bits_are_set_as_the_access_needs(dut):
    start_clock(dut)
    for level, caching, stall in itertools.product((0, 1, 2), (0, 1), (0.0, 0.4)):
        tables = Tables()
        root = tables.new_table()
        driver = await start_driver(dut, tables, stall=stall, cache_invalid_ptes=caching)
        for found, access in itertools.product((0, A, D, A | D), Access):
            pte = tables.map(root, TARGET, PPNS[level], CLEAR | found, level)
            await driver.fenced(Fence())
            request = _request(root, access)
            updates = driver.updates
            outcome = await driver.finish(request)
            assert outcome == tables.fresh(request)
            assert outcome.pte == tables.read(pte)
            assert tables.read(pte) & (A | D) == found | sv39.ad_bits(access)
            assert driver.updates - updates == bool(sv39.ad_bits(access) & ~found)
            assert await driver.finish(request, limit=1) == outcome


@cocotb.test()
async def without_the_enable_bit_they_are_page_faults(dut):
    start_clock(dut)
    for caching in (0, 1):
        tables = Tables()
        root = tables.new_table()
        pte = tables.map(root, TARGET, PPNS[0], CLEAR)
        driver = await start_driver(dut, tables, cache_invalid_ptes=caching)
        for access in Access:
            request = _request(root, access)
            assert await driver.finish(request.with_context(hardware_ad_update=0)) == PAGE_FAULT
            assert driver.updates == 0
        # What was cached as denied serves nobody who may update it.
        request = _request(root, Access.STORE)
        assert (await driver.finish(request)).fault is Fault.NONE
        assert tables.read(pte) & (A | D) == A | D


@cocotb.test()
async def a_denied_access_sets_nothing(dut):
    start_clock(dut)
    for caching, flags, access, privilege in itertools.product(
        (0, 1), (V | R, V | X, V | R | W, CLEAR, CLEAR | U, V | W, 0), Access, (0, 1)
    ):
        tables = Tables()
        root = tables.new_table()
        pte = tables.map(root, TARGET, PPNS[0], flags)
        driver = await start_driver(dut, tables, cache_invalid_ptes=caching)
        request = _request(root, access, privilege=privilege)
        fresh = tables.fresh(request)
        assert await driver.finish(request) == fresh
        set_bits = sv39.ad_bits(access) if fresh.fault is Fault.NONE else 0
        assert tables.read(pte) == sv39.make_pte(PPNS[0], flags | set_bits)


@cocotb.test()
async def a_store_walks_again_where_the_entry_is_clean(dut):
    start_clock(dut)
    for level in (0, 1, 2):
        tables = Tables()
        root = tables.new_table()
        pte = tables.map(root, TARGET, PPNS[level], CLEAR, level)
        driver = await start_driver(dut, tables)
        load, store = _request(root, Access.LOAD), _request(root, Access.STORE)
        assert (await driver.finish(load)).pte == tables.read(pte)
        walks = driver.walks
        assert await driver.finish(store) == tables.fresh(store)
        assert (driver.walks, tables.read(pte) & D) == (walks + 1, D)
        for request in (load, store):
            assert await driver.finish(request, limit=1) == tables.fresh(request)


@cocotb.test()
async def a_clean_entry_of_another_size_does_not_stay_in_the_way(dut):
    """The leaf became larger or smaller, unfenced: the walk for D ends the use of the old one."""
    start_clock(dut)
    for before, after in itertools.permutations((0, 1, 2), 2):
        tables = Tables()
        old, new = tables.new_table(), tables.new_table()
        tables.map(old, TARGET, PPNS[before], CLEAR | A, before)
        tables.map(new, TARGET, PPNS[after], CLEAR | A, after)
        driver = await start_driver(dut, tables)
        await driver.finish(_request(old, Access.LOAD))
        store = _request(new, Access.STORE)
        assert await driver.finish(store) == tables.fresh(store)
        assert await driver.finish(store, limit=1) == tables.fresh(store)


@cocotb.test()
async def another_hart_writes_the_entry_at_any_time(dut):
    """Its value is never mixed with what was read before, and decides in the end."""
    start_clock(dut)
    stored = (
        0,
        # A page that was swapped out: all bits are software's while V is clear.
        0x1234_5678_0000 << 1,
        sv39.make_pte(0x8_0777, CLEAR),
        sv39.make_pte(0x8_0777, RWX),
        sv39.make_pte(PPNS[0], V | R | X),
        sv39.make_pte(PPNS[0], CLEAR | A),
        sv39.make_pte(PPNS[0], CLEAR | D),
    )
    for value, access, stall in itertools.product(stored, Access, (0.0, 0.4)):
        for written_at in range(30):
            tables = Tables()
            root = tables.new_table()
            pte = tables.map(root, TARGET, PPNS[0], CLEAR)
            driver = await start_driver(
                dut, tables, seed=written_at, stall=stall, cache_invalid_ptes=0
            )
            request = _request(root, access)
            setattr(driver, SIDES[access], request)
            before = tables.read(pte)
            for cycle in range(written_at + 30):
                if cycle == written_at:
                    before = tables.read(pte)
                    tables.write(pte, value)
                sample = await driver.cycle()
                if getattr(sample, SIDES[access]) is not None:
                    setattr(driver, SIDES[access], None)
            assert before in (sv39.make_pte(PPNS[0], CLEAR | bits) for bits in (0, A, A | D))
            now = tables.read(pte)
            assert now in (value, value | sv39.ad_bits(access))
            if now != value:
                assert tables.fresh(request).pte == now
            await driver.fenced(Fence())
            assert await driver.finish(request) == tables.fresh(request)


@cocotb.test()
async def a_dirty_bit_that_another_hart_clears_stays_clear(dut):
    """A walk that sets A has read D set: what it writes must not bring that back."""
    start_clock(dut)
    for access, cleared_at in itertools.product((Access.FETCH, Access.LOAD), range(30)):
        tables = Tables()
        root = tables.new_table()
        pte = tables.map(root, TARGET, PPNS[0], CLEAR | D)
        driver = await start_driver(dut, tables)
        request = _request(root, access)
        setattr(driver, SIDES[access], request)
        for _ in range(cleared_at):
            await driver.cycle()
        tables.write(pte, sv39.make_pte(PPNS[0], CLEAR))
        assert (await driver.finish(request)).fault is Fault.NONE
        assert not tables.read(pte) & D


@cocotb.test()
async def fence_in_every_cycle_of_an_update(dut):
    start_clock(dut)
    forms = (Fence(), Fence(vaddr=TARGET), Fence(asid=1), Fence(vaddr=TARGET, asid=1))
    cases = itertools.product(forms, (0.0, 0.4), (Access.FETCH, Access.STORE), range(34))
    for fence, stall, access, fence_at in cases:
        tables = Tables()
        root = tables.new_table()
        pte = tables.map(root, TARGET, PPNS[0], CLEAR)
        driver = await start_driver(dut, tables, seed=fence_at, stall=stall)
        request = _request(root, access)
        setattr(driver, SIDES[access], request)
        for _ in range(fence_at):
            await driver.cycle()
        moved = sv39.make_pte(0x8_0777, CLEAR)
        tables.write(pte, moved)
        driver.fence = fence
        await driver.cycle()
        assert await driver.finish(request) == tables.fresh(request)
        assert tables.read(pte) == moved | sv39.ad_bits(access)


@cocotb.test()
async def a_store_that_is_dropped_sets_nothing_any_more(dut):
    start_clock(dut)
    for successor in (None, Access.LOAD, Access.STORE):
        for stall, dropped_at in itertools.product((0.0, 0.5), range(34)):
            tables = Tables()
            root = tables.new_table()
            pte = tables.map(root, TARGET, PPNS[0], CLEAR)
            tables.map(root, TARGET ^ 0x1000, PPNS[0], KERNEL)
            driver = await start_driver(dut, tables, seed=dropped_at, stall=stall)
            driver.data = _request(root, Access.STORE)
            for _ in range(dropped_at):
                await driver.cycle()
            driver.data = None
            if successor is not None:
                other = _request(root, successor)
                driver.data = replace(other, vaddr=TARGET ^ 0x1000)
            at_drop = tables.read(pte)
            for _ in range(40):
                await driver.cycle()
            assert tables.read(pte) == at_drop


@cocotb.test()
async def an_update_takes_six_cycles(dut):
    """After a walk of three levels, with a D$ that always hits."""
    start_clock(dut)
    tables = Tables()
    root = tables.new_table()
    tables.map(root, TARGET, PPNS[0], CLEAR)
    driver = await start_driver(dut, tables)
    driver.data = _request(root, Access.STORE)
    cycles = 0
    while (await driver.cycle()).data is None:
        cycles += 1
    assert cycles == 17 + 6


@cocotb.test()
async def the_walk_port_shows_updates(dut):
    start_clock(dut)
    tables = Tables()
    root = tables.new_table()
    pte = tables.map(root, TARGET, PPNS[0], CLEAR)
    driver = await start_driver(dut, tables, stall=0.3)
    driver.data = _request(root, Access.STORE)
    shown = []
    while (sample := await driver.cycle()).data is None:
        if sample.walk:
            shown.append(sample.walk)
    clean, dirty = sv39.make_pte(PPNS[0], CLEAR), sv39.make_pte(PPNS[0], RWX)
    leaf = [(walk.write, walk.pte) for walk in shown if walk.paddr == pte]
    assert leaf == [(0, clean), (1, clean), (0, dirty)]
    assert [walk.wdata for walk in shown if walk.write] == [dirty]
