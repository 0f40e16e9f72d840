"""Fetch and data walk at the same time: no state leaks from one to the other."""

import itertools
import random

import cocotb

from cocotb_tests.models import sv39
from cocotb_tests.models.sv39 import Access, Context
from cocotb_tests.models.tlb import Fence

from .driver import Request, start_clock
from .tables import KERNEL, RWX, USER, Tables, start_driver


def _universe(tables: Tables) -> list[tuple[int, Context]]:
    """Addresses that end in every way there is, in two address spaces."""
    pages = []
    for asid in (1, 2):
        root = tables.new_table()
        for number, flags in enumerate((RWX, USER, KERNEL, 0, RWX & ~sv39.A)):
            vaddr = number << 30 | asid << 21 | 0x3000
            tables.map(root, vaddr, 0x8_0100 + 16 * asid + number, flags)
            pages.append((vaddr, Context(asid=asid, root_ppn=root)))
        tables.map(root, 6 << 30, 0x8_0000, RWX, 2)
        pages.append((6 << 30 | 0x1234_5000, Context(asid=asid, root_ppn=root)))
        tables.write(tables.slot(root, 7 << 30, 2), sv39.make_pte(1 << 40, sv39.V))
        pages.append((7 << 30, Context(sv39.U_MODE, asid=asid, root_ppn=root)))
    return pages


@cocotb.test()
async def both_miss_at_every_offset(dut):
    start_clock(dut)
    tables = Tables()
    pages = _universe(tables)
    rng = random.Random(1)
    for caching, stall in itertools.product((0, 1), (0.0, 0.3)):
        driver = await start_driver(dut, tables, stall=stall, cache_invalid_ptes=caching)
        for offset in list(range(-20, 21)) * 4:
            await driver.fenced(Fence())
            fetch = Request(*_with_access(rng.choice(pages), Access.FETCH))
            data = Request(
                *_with_access(rng.choice(pages), rng.choice((Access.LOAD, Access.STORE)))
            )
            answers = {"fetch": None, "data": None}
            for time in range(300):
                if time == max(0, offset):
                    driver.fetch = fetch
                if time == max(0, -offset):
                    driver.data = data
                sample = await driver.cycle()
                for side in answers:
                    answer = getattr(sample, side)
                    if answer is not None:
                        answers[side] = answer
                        setattr(driver, side, None)
                if None not in answers.values():
                    break
            assert answers == {"fetch": tables.fresh(fetch), "data": tables.fresh(data)}


def _with_access(page: tuple[int, Context], access: Access) -> tuple[int, Access, Context]:
    return page[0], access, page[1]


@cocotb.test()
async def requests_that_change_while_a_walk_goes_on(dut):
    """A requester may drop its request or ask for something else at any time."""
    start_clock(dut)
    tables = Tables()
    pages = _universe(tables)
    rng = random.Random(2)
    for caching in (0, 1):
        driver = await start_driver(dut, tables, stall=0.2, cache_invalid_ptes=caching)
        for _ in range(6000):
            if rng.random() < 0.2:
                driver.fetch = _maybe(rng, pages, (Access.FETCH,))
            if rng.random() < 0.2:
                driver.data = _maybe(rng, pages, (Access.LOAD, Access.STORE))
            if rng.random() < 0.05:
                driver.fence = Fence()
            fetch, data = driver.fetch, driver.data
            sample = await driver.cycle()
            for request, answer in ((fetch, sample.fetch), (data, sample.data)):
                if request is not None and answer is not None:
                    assert answer == tables.fresh(request)


def _maybe(rng: random.Random, pages, accesses) -> Request | None:
    if rng.random() < 0.2:
        return None
    return Request(*_with_access(rng.choice(pages), rng.choice(accesses)))
