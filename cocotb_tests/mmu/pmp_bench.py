"""Physical memory protection of accesses, of the PTEs that walks read, and of those they update."""

import cocotb

from cocotb_tests.models import sv39
from cocotb_tests.models.sv39 import ACCESS_FAULT, A, Access, Context, D, Fault, R, V, W, X
from cocotb_tests.models.tlb import Fence

from .driver import Request, start_clock
from .tables import RWX, Tables, start_driver

M_MODE = 3
RIGHTS = {Access.FETCH: "x", Access.LOAD: "r", Access.STORE: "w"}
EVERYTHING = (0, 1 << 44)


def protect(dut, entry: int, pages: tuple[int, int], rights: str = "rwx", locked: int = 0) -> None:
    """Entry of the protection: first page and the one behind the last."""
    first, end = pages
    getattr(dut, f"pmp__{entry}__first").value = first
    getattr(dut, f"pmp__{entry}__end").value = end
    getattr(dut, f"pmp__{entry}__locked").value = locked
    for right in "rwx":
        getattr(dut, f"pmp__{entry}__{right}").value = int(right in rights)


async def start(dut, tables: Tables):
    start_clock(dut)
    for entry in range(4):
        protect(dut, entry, (0, 0))
    driver = await start_driver(dut, tables)
    protect(dut, 1, EVERYTHING)
    protect(dut, 0, (0, 0))
    return driver


@cocotb.test()
async def each_right_of_the_page_that_is_accessed(dut):
    tables = Tables()
    root = tables.new_table()
    tables.map(root, 0x1000, 0x8_0100)
    tables.map(root, 0x2000, 0x8_0101)
    driver = await start(dut, tables)
    for access, right in RIGHTS.items():
        for rights in ("rwx", "", "rwx".replace(right, "")):
            protect(dut, 0, (0x8_0100, 0x8_0101), rights)
            for vaddr, denied in ((0x1040, right not in rights), (0x2040, False)):
                request = Request(vaddr, access, Context(root_ppn=root))
                outcome = await driver.finish(request)
                assert outcome == (ACCESS_FAULT if denied else tables.fresh(request)), rights


@cocotb.test()
async def machine_mode_obeys_locked_entries_only(dut):
    driver = await start(dut, Tables())
    context = Context(privilege=M_MODE, translate=0)
    for locked in (0, 1):
        protect(dut, 0, (0x8_0100, 0x8_0101), "x", locked)
        for access in Access:
            outcome = await driver.finish(Request(0x8010_0000, access, context))
            refused = locked and access is not Access.FETCH
            assert (outcome.fault is not Fault.NONE) == bool(refused), (locked, access)
    protect(dut, 0, (0, 0))
    protect(dut, 1, (0, 0))
    assert (await driver.finish(Request(0x8010_0000, Access.LOAD, context))).fault is Fault.NONE
    user = Context(privilege=0, translate=0)
    assert (await driver.finish(Request(0x8010_0000, Access.LOAD, user))) == ACCESS_FAULT


@cocotb.test()
async def a_pte_that_may_not_be_read_is_an_access_fault_of_the_access(dut):
    """At every level, and also where the pointer to it comes from the walk cache."""
    tables = Tables()
    root = tables.new_table()
    vaddr = 0x1000
    tables.map(root, vaddr, 0x8_0100)
    driver = await start(dut, tables)
    for level in range(sv39.LEVELS):
        table = tables.slot(root, vaddr, level) >> 12
        for access in Access:
            request = Request(vaddr, access, Context(root_ppn=root))
            for warm in (False, True):
                protect(dut, 0, (0, 0))
                await driver.fenced(Fence())
                if warm:
                    assert (await driver.finish(request)).fault is Fault.NONE
                    await driver.fenced(Fence(vaddr=vaddr))
                protect(dut, 0, (table, table + 1), "wx")
                assert await driver.finish(request) == ACCESS_FAULT, (level, access, warm)


@cocotb.test()
async def a_pte_that_may_not_be_written_keeps_its_bits(dut):
    tables = Tables()
    root = tables.new_table()
    pte = tables.map(root, 0x1000, 0x8_0100, V | R | W | X)
    clean = tables.map(root, 0x2000, 0x8_0101, RWX & ~D)
    driver = await start(dut, tables)
    protect(dut, 0, (pte >> 12, (pte >> 12) + 1), "r")
    context = Context(root_ppn=root, hardware_ad_update=1)
    for access in Access:
        assert await driver.finish(Request(0x1000, access, context)) == ACCESS_FAULT
    assert (await driver.finish(Request(0x2000, Access.LOAD, context))).fault is Fault.NONE
    assert await driver.finish(Request(0x2000, Access.STORE, context)) == ACCESS_FAULT
    assert not tables.read(pte) & (A | D)
    assert not tables.read(clean) & D
    protect(dut, 0, (0, 0))
    await driver.fenced(Fence())
    assert (await driver.finish(Request(0x2000, Access.STORE, context))).fault is Fault.NONE
    assert tables.read(clean) & D
