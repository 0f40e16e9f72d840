"""Translation without page-table edits: levels, faults, physical attributes, latency."""

import itertools

import cocotb

from cocotb_tests.models import sv39
from cocotb_tests.models.sv39 import ACCESS_FAULT, PAGE_FAULT, Access, Context, Fault, Outcome
from cocotb_tests.models.tlb import Fence

from .driver import MEMORY, SOC, Request, start_clock
from .tables import RWX, Tables, start_driver

DRAM_PPN = SOC.dram_base >> 12


@cocotb.test()
async def leaf_of_every_level(dut):
    start_clock(dut)
    tables = Tables()
    root = tables.new_table()
    cases = [(0x1234_5000, 0, 0x8_0123), (0x4020_0000, 1, 0x8_0400), (1 << 38, 2, 0x8_0000)]
    driver = await start_driver(dut, tables)
    for vaddr, level, ppn in cases:
        tables.map(root, vaddr, ppn, RWX, level)
        # Fetches and data have a TLB each: only the store finds the entry already there.
        for access, needs_walk in ((Access.FETCH, 1), (Access.LOAD, 1), (Access.STORE, 0)):
            request = Request(sv39.sign_extend(vaddr + 0xABC), access, Context(root_ppn=root))
            walks = driver.walks
            outcome = await driver.finish(request)
            assert outcome.fault is Fault.NONE
            assert outcome.level == level
            assert outcome == tables.fresh(request)
            assert await driver.finish(request) == outcome
            assert driver.walks == walks + needs_walk


@cocotb.test()
async def latency_of_a_walk(dut):
    """Cycles from the lookup that misses to the one that hits, with a D$ that always hits."""
    start_clock(dut)
    tables = Tables()
    root = tables.new_table()
    tables.map(root, 0x1000, 0x8_0001)
    tables.map(root, 0x4020_0000, 0x8_0400, RWX, 1)
    tables.map(root, 0x8000_0000, 0x8_0000, RWX, 2)
    driver = await start_driver(dut, tables)

    async def cycles(vaddr: int) -> int:
        driver.data = Request(vaddr, Access.LOAD, Context(root_ppn=root))
        count = 0
        while (await driver.cycle()).data is None:
            count += 1
        return count

    assert await cycles(0x8000_0000) == 9
    assert await cycles(0x4020_0000) == 13
    assert await cycles(0x1000) == 17
    await driver.fenced(Fence(vaddr=0x1000))
    assert await cycles(0x1000) == 11, "two levels come from the walk cache, one cycle each"
    assert await cycles(0x1000) == 0


@cocotb.test()
async def walk_port_shows_every_pte(dut):
    start_clock(dut)
    tables = Tables()
    root = tables.new_table()
    vaddr = 0x12_3456_7000
    tables.map(root, vaddr, 0x8_0123)
    driver = await start_driver(dut, tables)
    for cached in (0, 1):
        driver.fetch = Request(vaddr, Access.FETCH, Context(root_ppn=root))
        reads = []
        while (sample := await driver.cycle()).fetch is None:
            if sample.walk:
                reads.append(sample.walk)
        assert [read.level for read in reads] == [2, 1, 0]
        assert [read.from_walk_cache for read in reads] == [cached, cached, 0]
        for read in reads:
            assert read.instruction == 1
            assert read.vpn == vaddr >> 12
            assert read.paddr == tables.slot(root, vaddr, read.level)
            assert read.pte == tables.read(read.paddr)
        await driver.fenced(Fence(vaddr=vaddr))


@cocotb.test()
async def not_canonical_is_a_page_fault_without_a_walk(dut):
    start_clock(dut)
    driver = await start_driver(dut, Tables())
    for vaddr in (1 << 39, 1 << 38, 1 << 63, (1 << 64) - (1 << 38) - 4096, 0x7FFF_FFFF_FFFF_F000):
        for access in Access:
            request = Request(vaddr, access, Context(root_ppn=DRAM_PPN))
            assert await driver.finish(request, limit=1) == PAGE_FAULT
    assert driver.walks == 0


@cocotb.test()
async def physical_attributes(dut):
    """Bare and translated: memory, devices, neither; fetches from devices; more than 56 bits."""
    start_clock(dut)
    tables = Tables()
    root = tables.new_table()
    driver = await start_driver(dut, tables)
    end = MEMORY.dram_base + MEMORY.dram_bytes
    addresses = [
        0,
        MEMORY.dram_base - 8,
        MEMORY.dram_base,
        end - 8,
        end,
        MEMORY.dram_base | 1 << 55,
    ]
    for base, size in MEMORY.devices:
        addresses += [base - 8, base, base + size - 8, base + size]
    for paddr in addresses:
        vaddr = 0x10_0000_0000 | paddr & (1 << 38) - 1
        tables.map(root, vaddr, paddr >> 12)
        for access in Access:
            bare = Request(paddr, access, Context(privilege=sv39.M_MODE, translate=0))
            assert await driver.finish(bare, limit=1) == tables.fresh(bare), hex(paddr)
            mapped = Request(vaddr, access, Context(root_ppn=root))
            assert await driver.finish(mapped) == tables.fresh(mapped), hex(paddr)
        await driver.fenced(Fence())
    for bit in range(56, 64):
        bare = Request(MEMORY.dram_base | 1 << bit, context=Context(translate=0))
        assert await driver.finish(bare, limit=1) == ACCESS_FAULT


@cocotb.test()
async def pte_outside_memory(dut):
    """An access fault for whoever asked, nothing cached, nothing leaked to the other side."""
    start_clock(dut)
    for caching in (0, 1):
        tables = Tables()
        root = tables.new_table()
        driver = await start_driver(dut, tables, cache_invalid_ptes=caching)
        vaddr, good = 0x5_4321_0000, 0x5_8000_0000
        tables.map(root, good, 0x8_0042)
        pointers = [tables.slot(root, vaddr, level) for level in (2, 1)]
        outside = [0, 0x100, (MEMORY.dram_base >> 12) - 1, 1 << 43, DRAM_PPN | 1 << 43]
        outside.append((MEMORY.dram_base + MEMORY.dram_bytes) >> 12)
        for address, saved in [(pointer, tables.read(pointer)) for pointer in pointers]:
            for ppn in outside:
                tables.write(address, sv39.make_pte(ppn, sv39.V))
                await driver.fenced(Fence())
                for access in Access:
                    request = Request(vaddr, access, Context(root_ppn=root))
                    for _ in range(2):
                        walks = driver.walks
                        assert await driver.finish(request) == ACCESS_FAULT
                        assert driver.walks == walks + 1
                    other = Access.LOAD if access is Access.FETCH else Access.FETCH
                    fine = Request(good, other, Context(root_ppn=root))
                    assert await driver.finish(fine) == tables.fresh(fine)
            tables.write(address, saved)
        for ppn in outside:
            request = Request(good, Access.STORE, Context(asid=9, root_ppn=ppn))
            assert await driver.finish(request) == ACCESS_FAULT


@cocotb.test()
async def every_low_bit_at_every_level(dut):
    """All 1024 values of the ten low bits as the PTE of a walk that ends or goes on there."""
    start_clock(dut)
    for caching in (0, 1):
        tables = Tables()
        root = tables.new_table()
        driver = await start_driver(dut, tables, cache_invalid_ptes=caching)
        vaddr = 0x0
        below = {
            level: tables.slot(root, vaddr, level - 1) >> 12 if level else 0 for level in (0, 1, 2)
        }
        tables.map(root, vaddr, 0x8_0007)
        for level in (0, 1, 2):
            address = tables.slot(root, vaddr, level)
            saved = tables.read(address)
            # As a pointer it leads on; as a leaf it is a superpage, aligned or not.
            targets = (below[level], 0x8_0000) if level else (0x8_0007,)
            for bits, target in itertools.product(range(1024), targets):
                tables.write(address, sv39.make_pte(target, bits))
                await driver.fenced(Fence())
                request = Request(vaddr, Access.LOAD, Context(root_ppn=root))
                assert await driver.finish(request) == tables.fresh(request), hex(bits)
            tables.write(address, saved)


@cocotb.test()
async def reserved_high_bits(dut):
    start_clock(dut)
    tables = Tables()
    root = tables.new_table()
    driver = await start_driver(dut, tables)
    vaddr = 0x7000
    good = tables.map(root, vaddr, 0x8_0007)
    for level in (0, 1, 2):
        address = tables.slot(root, vaddr, level)
        saved = tables.read(address)
        for bit in range(54, 64):
            tables.write(address, saved | 1 << bit)
            await driver.fenced(Fence())
            request = Request(vaddr, context=Context(root_ppn=root))
            assert await driver.finish(request) == PAGE_FAULT
        tables.write(address, saved)
    await driver.fenced(Fence())
    request = Request(vaddr, context=Context(root_ppn=root))
    assert await driver.finish(request) == Outcome(Fault.NONE, 0x8000_7000, tables.read(good), 0)
