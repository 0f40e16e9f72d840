"""cocotb: the store buffer between the load/store unit and the D$."""

from itertools import pairwise

import cocotb

from cocotb_tests.mem.accesses import random_program
from cocotb_tests.mem.systems import TINY_CACHE
from cocotb_tests.models.hub import Freedom
from cocotb_tests.models.memory import Access
from rtl.hart.store_buffer import YIELD_CYCLES
from rtl.mem.ports import MemoryCommand

from .buffered_driver import DEVICE, BufferedDriver, Fence

LOAD, STORE, LR, SC, AMOADD = (
    MemoryCommand.LOAD,
    MemoryCommand.STORE,
    MemoryCommand.LR,
    MemoryCommand.SC,
    MemoryCommand.AMOADD,
)
ENTRIES = 3
LINE = TINY_CACHE.line_bytes
BASE = 0x8000_0000
LINES = list(range(BASE // LINE, BASE // LINE + 10))
LOOSE = Freedom(
    acquire_ready=0.6,
    release_ready=0.6,
    grant_beat=0.6,
    grant_delay=(0, 12),
    release_ack_delay=(0, 25),
    probe=0.05,
    grant_branch=0.3,
)


async def start(dut, freedom: Freedom | None = None, seed: int = 1) -> BufferedDriver:
    driver = BufferedDriver(dut, LINE, freedom or Freedom(), LINES, seed)
    await driver.reset()
    return driver


def spaces(cycles: list[int]) -> list[int]:
    return [after - before for before, after in pairwise(cycles)]


@cocotb.test()
async def random_accesses(dut):
    """All sizes and overlaps, atomics, fences, devices, the walker and the host in between."""
    for seed, calm in ((1, False), (2, False), (3, True)):
        driver = await start(dut, Freedom(grant_branch=0.3) if calm else LOOSE, seed)
        rng = driver.random
        if not calm:
            driver.gap, driver.kill, driver.refusal, driver.untranslated = 0.2, 0.1, 0.2, 0.1
        few = LINES[:1]
        program = random_program(
            rng, TINY_CACHE, lambda rng=rng, few=few: LINES if rng.random() < 0.2 else few, 2500
        )
        pair = False
        for access in program:
            # Mostly plain accesses: atomics empty the buffer. An SC goes with the LR before it.
            atomic = rng.random() < 0.15
            if access.command == LR:
                pair = atomic
            if access.command in (LOAD, STORE) or (pair if access.command == SC else atomic):
                driver.queue.append(access)
            if rng.random() < 0.02:
                driver.queue.append(Fence.FENCE)
            if rng.random() < 0.02:
                driver.queue.append(Access(rng.choice((LOAD, STORE)), DEVICE, 3))
        for number in range(250):
            word = rng.choice(few) * LINE + 8 * rng.randrange(LINE // 8)
            driver.walker.queue.append(Access(LOAD, word, 3))
            if number % 10 == 0:
                driver.host.queue.append(Access(STORE, word, 3, number))
        driver.walker.gap, driver.host.gap = 0.5, 0.8
        await driver.run()
        assert driver.forwarded > 20
        assert driver.stale_walks > 20, "the walker never met a store that it must not see"
        assert driver.view.sc_successes > 3
        assert driver.longest_wait < 600


@cocotb.test()
async def every_overlap_of_a_load_with_two_stores(dut):
    """In one word: a load gets the bytes of the younger, of the older, and of memory."""
    driver = await start(dut)
    places = [(size, offset) for size in range(4) for offset in range(0, 8, 1 << size)]
    for older_size, older in places:
        for younger_size, younger in places:
            for size, offset in ((3, 0), *places[:: 1 + older % 3]):
                stores = [
                    Access(STORE, BASE + at, wide, driver.random.getrandbits(8 << wide))
                    for wide, at in ((older_size, older), (younger_size, younger))
                ]
                driver.queue.extend([*stores, Access(LOAD, BASE + offset, size)])
    await driver.run()
    assert driver.forwarded > 500


@cocotb.test()
async def hits_go_on_at_one_a_cycle(dut):
    """Stores, loads between them, and loads of what was just stored."""
    driver = await start(dut)
    await driver.run(Access(STORE, BASE, 3, 1))
    stores = [Access(STORE, BASE + 8 * (number % 2), 3, number) for number in range(12)]
    done = await driver.run(*stores)
    assert set(spaces([each.cycle for each in done])) == {1}
    assert set(spaces(driver.performed[-12:])) == {1}
    mixed = [
        access
        for number in range(8)
        for access in (Access(STORE, BASE, 3, number), Access(LOAD, BASE, 3))
    ]
    done = await driver.run(*mixed)
    assert set(spaces([each.cycle for each in done])) == {1}


@cocotb.test()
async def a_store_that_misses_holds_nobody_up(dut):
    """As many as there are entries retire at once; the next one waits for the line."""
    driver = await start(dut, Freedom(grant_delay=(40, 40)))
    stores = [Access(STORE, BASE + 8 * (number % 2), 3, number) for number in range(ENTRIES + 1)]
    done = await driver.run(*stores)
    cycles = [each.cycle for each in done]
    assert set(spaces(cycles[:ENTRIES])) == {1}
    assert cycles[ENTRIES] - cycles[ENTRIES - 1] > 30
    assert cycles[ENTRIES] == driver.performed[0]


@cocotb.test()
async def a_stream_of_loads_delays_a_store_for_a_bounded_time(dut):
    driver = await start(dut)
    other = BASE + LINE
    await driver.run(Access(STORE, BASE, 3, 1), Access(LOAD, other, 3))
    loads = [Access(LOAD, other, 3)] * 60
    done = await driver.run(Access(STORE, BASE, 3, 2), *loads)
    pushed = done[0].cycle
    # The first slots are lost to loads, then it takes one of theirs.
    assert YIELD_CYCLES < driver.performed[-1] - pushed <= YIELD_CYCLES + 4
    assert done[-1].cycle - pushed == len(loads) + 1


@cocotb.test()
async def an_idle_buffer_drains(dut):
    driver = await start(dut)
    done = await driver.run(Access(LOAD, BASE, 3), Access(STORE, BASE, 3, 2))
    assert driver.performed[-1] - done[-1].cycle == 2


@cocotb.test()
async def what_must_come_after_the_stores_does(dut):
    """A fence, atomics, a device, and a load that needs bytes of a store and of memory."""
    for item in (
        Fence.FENCE,
        Access(LR, BASE + LINE, 3),
        Access(SC, BASE + LINE, 3),
        Access(AMOADD, BASE + LINE, 2, 1),
        Access(LOAD, DEVICE, 3),
        Access(STORE, DEVICE, 3),
        Access(LOAD, BASE, 3),
    ):
        driver = await start(dut, Freedom(grant_delay=(30, 30)))
        store, waits = await driver.run(Access(STORE, BASE + 4, 2, 5), item)
        assert waits.cycle > driver.performed[-1], item
        assert driver.performed[-1] - store.cycle > 20


@cocotb.test()
async def an_lr_sc_pair_around_a_store_succeeds(dut):
    """The hart's own store to the reserved line is performed in between, and leaves it."""
    driver = await start(dut)
    done = await driver.run(
        Access(LR, BASE, 3), Access(STORE, BASE + 8, 3, 1), Access(SC, BASE, 3, 2)
    )
    assert done[-1].rdata == 0


@cocotb.test()
async def the_host_comes_after_stores_that_have_retired(dut):
    """Its store to the same word is what remains, however long the hart's store takes."""
    driver = await start(dut, Freedom(grant_delay=(30, 30)))
    driver.queue.append(Access(STORE, BASE, 3, 1))
    while not driver.pending:
        await driver.step()
    driver.host.queue.append(Access(STORE, BASE, 3, 2))
    driver.queue.extend(Access(STORE, BASE + LINE * number, 3, 3) for number in range(1, 9))
    await driver.run()
    assert driver.memory.word(BASE) == 2
    assert driver.done[-1].cycle > driver.host.completions[-1].done
