"""Fences: what each form drops and keeps, and what happens to a walk under way."""

import itertools

import cocotb

from cocotb_tests.models import sv39
from cocotb_tests.models.sv39 import PAGE_FAULT, Access, Context, Fault
from cocotb_tests.models.tlb import Fence

from .driver import Request, start_clock
from .tables import KERNEL, RWX, Tables, start_driver

OLD_PPN, NEW_PPN = 0x8_0100, 0x8_0200
TARGET = 0x6_0900_5000


async def walked(driver, request) -> bool:
    """Whether the translation needed a walk."""
    walks = driver.walks
    await driver.finish(request)
    return driver.walks != walks


@cocotb.test()
async def every_form_drops_what_it_names_and_nothing_else(dut):
    start_clock(dut)
    for honour, level in itertools.product((1, 0), (0, 1)):
        tables = Tables()
        root = tables.new_table()
        pages = {"target": TARGET}
        if level == 0:
            pages |= {"neighbour": TARGET ^ 0x1000, "other": TARGET ^ 0x400_0000}
        for vaddr in pages.values():
            tables.map(root, vaddr, 0x8_0200, RWX, level)
            tables.map(root, vaddr ^ 1 << 35, 0x8_0200, KERNEL, level)
        driver = await start_driver(dut, tables, honour_asid=honour)
        spaces = (1, 2)
        forms = [Fence(v, a) for v in (None, TARGET | 0x123) for a in (None, 1, 3)]
        for fence, is_global in itertools.product(forms, (0, 1)):
            asids = (1,) if is_global or not honour else spaces
            requests = [
                (
                    name,
                    asid,
                    Request(
                        vaddr ^ is_global << 35, Access.LOAD, Context(asid=asid, root_ppn=root)
                    ),
                )
                for name, vaddr in pages.items()
                for asid in asids
            ]
            await driver.fenced(Fence())
            for _, _, request in requests:
                await driver.finish(request)
            at = None if fence.vaddr is None else fence.vaddr ^ is_global << 35
            await driver.fenced(Fence(at, fence.asid))
            for name, asid, request in requests:
                named = fence.vaddr is None or name == "target"
                in_space = fence.asid is None or (
                    not is_global and (fence.asid == asid or not honour)
                )
                assert await walked(driver, request) == (named and in_space), (fence, name, asid)


@cocotb.test()
async def global_entries_serve_every_address_space(dut):
    start_clock(dut)
    tables = Tables()
    root = tables.new_table()
    tables.map(root, TARGET, OLD_PPN, KERNEL)
    tables.map(root, 0x4020_0000, 0x8_0200, KERNEL, 1)
    driver = await start_driver(dut, tables)
    for vaddr in (TARGET, 0x4020_0000):
        await driver.finish(Request(vaddr, context=Context(asid=1, root_ppn=root)))
        assert not await walked(driver, Request(vaddr, context=Context(asid=2, root_ppn=root)))


@cocotb.test()
async def address_spaces_are_told_apart(dut):
    """Equal addresses, different ASIDs and page sizes: each gets its own page."""
    start_clock(dut)
    tables = Tables()
    roots = {asid: tables.new_table() for asid in (1, 2, 3)}
    tables.map(roots[1], TARGET, 0x8_0111)
    tables.map(roots[2], TARGET, 0x8_0222)
    tables.map(roots[3], TARGET, 0x8_0400, RWX, 1)
    driver = await start_driver(dut, tables)
    for _, (asid, root) in itertools.product(range(3), roots.items()):
        request = Request(TARGET, context=Context(asid=asid, root_ppn=root))
        assert await driver.finish(request) == tables.fresh(request)
    assert driver.walks == 3


@cocotb.test()
async def any_address_in_a_superpage_flushes_it(dut):
    start_clock(dut)
    for level, inside in ((1, 0x1F_F000), (1, 0x1000), (2, 0x3FFF_F000), (2, 0x20_0000)):
        tables = Tables()
        root = tables.new_table()
        base = 0x8_0000_0000
        tables.map(root, base, 0x8_0000, RWX, level)
        driver = await start_driver(dut, tables)
        for access in (Access.FETCH, Access.LOAD):
            request = Request(base, access, Context(root_ppn=root))
            await driver.finish(request)
            await driver.fenced(Fence(vaddr=base + (1 << 12 + 9 * level)))
            assert not await walked(driver, request)
            await driver.fenced(Fence(vaddr=base + inside))
            assert await walked(driver, request)


@cocotb.test()
async def walk_cache_is_kept_by_a_fence_of_one_address(dut):
    start_clock(dut)
    tables = Tables()
    root = tables.new_table()
    tables.map(root, TARGET, OLD_PPN)
    request = Request(TARGET, context=Context(root_ppn=root))
    for in_use in (4, 0):
        driver = await start_driver(dut, tables, walk_cache_in_use=in_use)
        kept = 2 if in_use else 0
        cases = [
            (Fence(), 3),
            (Fence(vaddr=TARGET), 3 - kept),
            (Fence(vaddr=TARGET, asid=0), 3 - kept),
            (Fence(asid=0), 3),
            (Fence(asid=5), 3),
        ]
        for fence, reads in cases:
            await driver.finish(request)
            await driver.fenced(fence)
            # Whatever the fence left of the page itself, only its pointers may stay.
            await driver.fenced(Fence(vaddr=TARGET))
            before = driver.reads
            await driver.finish(request)
            assert driver.reads - before == reads, (in_use, fence)


@cocotb.test()
async def fence_in_every_cycle_of_a_walk(dut):
    """The PTE changes and the fence comes in cycle k: from k+1 on only the new one is used."""
    start_clock(dut)
    forms = (Fence(), Fence(vaddr=TARGET), Fence(asid=1), Fence(vaddr=TARGET, asid=1))
    cases = itertools.product(forms, (0, 1), (0.0, 0.5), (Access.FETCH, Access.STORE))
    for fence, caching, stall, access in cases:
        for fence_at in range(26):
            tables = Tables()
            root = tables.new_table()
            pte = tables.map(root, TARGET, OLD_PPN)
            driver = await start_driver(
                dut, tables, seed=fence_at, stall=stall, cache_invalid_ptes=caching
            )
            request = Request(TARGET, access, Context(asid=1, root_ppn=root))
            old = tables.fresh(request)
            await driver.finish(Request(TARGET ^ 0x8000, access, request.context))
            setattr(driver, "fetch" if access is Access.FETCH else "data", request)
            for _ in range(fence_at):
                sample = await driver.cycle()
                assert (sample.fetch or sample.data) in (None, old)
            # Unmapped, then mapped elsewhere: both must be seen, as soon as fenced.
            for value in (0, sv39.make_pte(NEW_PPN, RWX)):
                tables.write(pte, value)
                driver.fence = fence
                await driver.cycle()
                assert await driver.finish(request) == tables.fresh(request), fence_at
            await driver.cycle()


@cocotb.test()
async def fence_all_in_every_cycle_of_a_walk_covers_pointers(dut):
    start_clock(dut)
    forms = (Fence(), Fence(asid=1))
    cases = itertools.product(forms, (1, 2), range(20), (0.0, 0.3))
    for fence, level, fence_at, stall in cases:
        tables = Tables()
        root = tables.new_table()
        tables.map(root, TARGET, OLD_PPN)
        pointer = tables.slot(root, TARGET, level)
        old_table = tables.read(pointer)
        tables.write(pointer, 0)
        tables.map(root, TARGET, NEW_PPN)
        new_table = tables.read(pointer)
        tables.write(pointer, old_table)
        driver = await start_driver(dut, tables, seed=fence_at, stall=stall)
        request = Request(TARGET, Access.LOAD, Context(asid=1, root_ppn=root))
        driver.data = request
        for _ in range(fence_at):
            await driver.cycle()
        tables.write(pointer, new_table)
        driver.fence = fence
        await driver.cycle()
        for vaddr in (TARGET, TARGET ^ 0x1000):
            now = Request(vaddr, Access.LOAD, request.context)
            assert await driver.finish(now) == tables.fresh(now), fence_at


@cocotb.test()
async def fence_with_an_invalid_entry(dut):
    """A cached invalid page is dropped by the fence of its address, not by that of another."""
    start_clock(dut)
    tables = Tables()
    root = tables.new_table()
    pte = tables.map(root, TARGET, OLD_PPN, 0)
    driver = await start_driver(dut, tables)
    request = Request(TARGET, context=Context(asid=1, root_ppn=root))
    assert await driver.finish(request) == PAGE_FAULT
    tables.write(pte, sv39.make_pte(OLD_PPN, KERNEL))
    for fence in (Fence(vaddr=TARGET ^ 0x1000), Fence(asid=2), Fence(vaddr=TARGET, asid=2)):
        await driver.fenced(fence)
        assert await driver.finish(request) == PAGE_FAULT
    await driver.fenced(Fence(vaddr=TARGET, asid=1))
    assert (await driver.finish(request)).fault is Fault.NONE
