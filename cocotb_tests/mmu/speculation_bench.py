"""The speculative walker (strap `speculative_walk_seed`): what it may fill, and no more."""

import random

import cocotb

from cocotb_tests.models import sv39
from cocotb_tests.models.sv39 import A, Access, Context, D, Fault, G, V, W
from cocotb_tests.models.tlb import Fence

from .driver import MmuDriver, Request, start_clock
from .tables import RWX, USER, Tables, start_driver

BASE = 0x6_0900_0000
PPN = 0x8_0100
PAGES = [BASE + 0x1000 * page for page in range(16)]
SEED = 0x1234_5678


def _request(root: int, vaddr: int, **context: int) -> Request:
    return Request(vaddr, Access.LOAD, Context(asid=1, root_ppn=root, **context))


async def _wait(driver: MmuDriver, cycles: int) -> None:
    for _ in range(cycles):
        await driver.cycle()


@cocotb.test()
async def without_a_seed_nothing_is_read(dut):
    start_clock(dut)
    tables = Tables()
    root = tables.new_table()
    tables.map(root, BASE, PPN)
    driver = await start_driver(dut, tables)
    await driver.finish(_request(root, BASE))
    reads = driver.reads
    await _wait(driver, 2000)
    assert driver.reads == reads


@cocotb.test()
async def it_fills_the_pages_around_the_last_one(dut):
    start_clock(dut)
    tables = Tables()
    root = tables.new_table()
    for number, vaddr in enumerate(PAGES):
        tables.map(root, vaddr, PPN + number)
    driver = await start_driver(dut, tables, speculative_walk_seed=SEED)
    found = set()
    for _ in range(40):
        await driver.fenced(Fence())
        await driver.finish(_request(root, BASE))
        await _wait(driver, 300)
        walks = driver.walks
        for vaddr in PAGES:
            driver.data = _request(root, vaddr)
            answer = (await driver.cycle()).data
            driver.data = None
            if answer is not None:
                assert answer == tables.fresh(_request(root, vaddr))
                found.add(vaddr)
        assert driver.walks - walks < len(PAGES) - 2
    assert found == set(PAGES)


@cocotb.test()
async def it_leaves_alone_what_is_not_valid_and_accessed(dut):
    """No invalid entry, no A or D bit, no fault for anybody."""
    start_clock(dut)
    bad = (0, V | W, RWX & ~A, V, G)
    for caching in (0, 1):
        tables = Tables()
        root = tables.new_table()
        ptes = [
            tables.map(root, vaddr, PPN, bad[number % len(bad)] if number else RWX & ~D)
            for number, vaddr in enumerate(PAGES)
        ]
        tables.write(ptes[15], sv39.make_pte(1 << 40, V))
        before = [tables.read(pte) for pte in ptes]
        driver = await start_driver(
            dut, tables, speculative_walk_seed=SEED, cache_invalid_ptes=caching
        )
        await driver.finish(_request(root, BASE, hardware_ad_update=1))
        await _wait(driver, 3000)
        assert driver.reads > 80
        assert [tables.read(pte) for pte in ptes] == before
        for pte, vaddr in zip(ptes[1:], PAGES[1:], strict=True):
            tables.write(pte, sv39.make_pte(PPN, RWX))
            assert (await driver.finish(_request(root, vaddr))).fault is Fault.NONE


@cocotb.test()
async def between_an_edit_and_its_fence_either_value_after_it_the_new_one(dut):
    start_clock(dut)
    tables = Tables()
    root = tables.new_table()
    ptes = [tables.map(root, vaddr, PPN) for vaddr in PAGES]
    rng = random.Random(1)
    driver = await start_driver(dut, tables, stall=0.1, speculative_walk_seed=SEED)
    filled_unfenced = 0
    for serial in range(600):
        await driver.finish(_request(root, PAGES[0]))
        page = rng.randrange(1, 4)
        await driver.fenced(Fence(vaddr=PAGES[page]))
        # Unmapped for a while: what is filled then is the value before, or nothing.
        tables.write(ptes[page], sv39.make_pte(PPN + serial % 64, RWX))
        await _wait(driver, rng.randrange(60))
        tables.write(ptes[page], 0)
        await _wait(driver, rng.randrange(12))
        fence = rng.choice((Fence(), Fence(vaddr=PAGES[page]), Fence(asid=1)))
        if rng.random() < 0.5:
            driver.data = _request(root, PAGES[page])
            answer = (await driver.cycle()).data
            filled_unfenced += answer is not None and answer.fault is Fault.NONE
        await driver.fenced(fence)
        await _wait(driver, rng.randrange(60))
        assert (await driver.finish(_request(root, PAGES[page]))).fault is Fault.PAGE
        await driver.fenced(Fence(vaddr=PAGES[page]))
        tables.write(ptes[page], sv39.make_pte(PPN, RWX))
    assert filled_unfenced > 10


@cocotb.test()
async def a_real_request_does_not_wait_for_it(dut):
    start_clock(dut)
    tables = Tables()
    root = tables.new_table()
    for vaddr in (*PAGES, BASE ^ 1 << 36):
        tables.map(root, vaddr, PPN)
    driver = await start_driver(dut, tables, speculative_walk_seed=SEED)
    for wait in range(200):
        await driver.finish(_request(root, BASE))
        await driver.fenced(Fence(vaddr=BASE ^ 1 << 36))
        await driver.finish(_request(root, BASE))
        await _wait(driver, wait % 40)
        side = Access.FETCH if wait & 1 else Access.LOAD
        other = Request(BASE ^ 1 << 36, side, Context(asid=1, root_ppn=root))
        assert (await driver.finish(other, limit=18)).fault is Fault.NONE


@cocotb.test()
async def an_entry_in_use_stays(dut):
    """With few entries: what hits in a cycle hits in the next one too."""
    start_clock(dut)
    tables = Tables()
    root = tables.new_table()
    for vaddr in PAGES:
        tables.map(root, vaddr, PPN)
    driver = await start_driver(dut, tables, speculative_walk_seed=SEED, dtlb_sectors_in_use=1)
    await driver.finish(_request(root, BASE))
    reads = driver.reads
    for _ in range(2000):
        assert await driver.finish(_request(root, BASE), limit=1)
    assert driver.reads > reads


@cocotb.test()
async def only_in_s_mode_and_with_the_tables_of_now(dut):
    start_clock(dut)
    tables = Tables()
    root, other_root = tables.new_table(), tables.new_table()
    for vaddr in PAGES:
        tables.map(root, vaddr, PPN, USER)
        tables.map(other_root, vaddr, PPN, RWX)
    driver = await start_driver(dut, tables, speculative_walk_seed=SEED)
    user = _request(root, BASE, privilege=sv39.U_MODE)
    await driver.finish(_request(other_root, BASE))
    await driver.finish(user)
    reads = driver.reads
    await _wait(driver, 2000)
    assert driver.reads == reads
    machine = Request(0x8000_0000, Access.LOAD, Context(sv39.M_MODE, translate=0))
    await driver.finish(machine)
    await _wait(driver, 2000)
    assert driver.reads == reads
    # satp says another table now: nothing of the one before may be read any more.
    await driver.finish(_request(root, BASE, sum=1))
    for vaddr in PAGES:
        tables.write(tables.slot(other_root, vaddr, 0), 1 << 54)
    driver.data = _request(root, BASE, sum=1)
    for _ in range(2000):
        walk = (await driver.cycle()).walk
        driver.data = None
        if walk is not None and walk.level == 0:
            assert walk.pte & sv39.U
