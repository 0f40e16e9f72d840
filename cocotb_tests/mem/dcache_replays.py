"""cocotb: a D$ whose stores wait for its arrays, and what reads them too early."""

import cocotb

from cocotb_tests.models.hub import Freedom
from cocotb_tests.models.memory import Access
from rtl.mem.ports import MemoryCommand

from .dcache_bench import DCacheBench
from .dcache_random import LOOSE, torture
from .systems import TINY_CACHE

LOAD, STORE, AMO = MemoryCommand.LOAD, MemoryCommand.STORE, MemoryCommand.AMOADD
BASE = 0x8000_0000
OTHER = BASE + 8
"""Another word of the same line."""

HART = 2


async def replays_of(dut, *accesses: Access, pause: int = 0) -> list[int]:
    """How often each of these had to be presented again, one after the other on a line that is
    held for writing; nothing is presented in `pause` cycles before the last."""
    bench = DCacheBench(dut, TINY_CACHE.line_bytes, Freedom(foreign_write=1.0), [], seed=1)
    await bench.reset()
    await bench.do(Access(STORE, BASE, 3, 1))
    for _ in range(8):
        await bench.step()
    requester = bench.requesters[HART]
    before = len(requester.completions)
    for number, access in enumerate(accesses):
        last = number == len(accesses) - 1
        while last and pause and not requester.idle:
            await bench.step()
        # In the cycle in which an access completes the next one could have been presented.
        for _ in range(pause - 1 if last else 0):
            await bench.step()
        requester.queue.append(access)
    await bench.run()
    return [completion.replays for completion in requester.completions[before:]]


@cocotb.test()
async def a_load_of_another_word_is_not_executed_again(dut):
    assert await replays_of(dut, Access(STORE, BASE, 3), Access(LOAD, OTHER, 3)) == [0, 0]


@cocotb.test()
async def bytes_decide_within_a_word(dut):
    store = Access(STORE, BASE, 1)
    assert await replays_of(dut, store, Access(LOAD, BASE + 2, 1)) == [0, 0]
    for load in (Access(LOAD, BASE + 1, 0), Access(LOAD, BASE, 2), Access(LOAD, BASE, 3)):
        assert (await replays_of(dut, store, load))[1] > 0


@cocotb.test()
async def a_load_keeps_the_array_from_the_store(dut):
    """The store waits as long as loads follow it."""
    store, load = Access(STORE, BASE, 3), Access(LOAD, BASE, 3)
    between = [Access(LOAD, OTHER, 3)] * 6
    assert (await replays_of(dut, store, *between, load))[-1] > 0
    assert (await replays_of(dut, store, *between, load, pause=2))[-1] == 0


@cocotb.test()
async def an_amo_waits_once_more(dut):
    """What it writes is known too late for the cycle behind it."""
    amo, store, load = Access(AMO, BASE, 3, 1), Access(STORE, BASE, 3), Access(LOAD, BASE, 3)
    assert await replays_of(dut, store, load, pause=2) == [0, 0]
    assert (await replays_of(dut, amo, load, pause=2))[-1] > 0
    assert await replays_of(dut, amo, load, pause=3) == [0, 0]


@cocotb.test()
async def a_walk_gets_its_word(dut):
    """The walker presents the same read again and again; the store is let in between."""
    bench = DCacheBench(dut, TINY_CACHE.line_bytes, Freedom(foreign_write=1.0), [], seed=1)
    await bench.reset()
    await bench.do(Access(STORE, BASE, 3, 1))
    hart, walker = bench.requesters[HART], bench.requesters[0]
    hart.queue.extend([Access(STORE, BASE, 3, 5), *[Access(LOAD, OTHER, 3)] * 20])
    walker.queue.extend([Access(LOAD, BASE, 3)] * 4)
    await bench.run(limit=60)
    assert walker.completions[-1].rdata == 5


@cocotb.test()
async def random_accesses_with_probes_and_stalls(dut):
    bench = await torture(dut, LOOSE, 700, seed=1, gaps=(0.7, 0.5, 0.2), kill=0.1, refusal=0.2)
    assert sum(c.replays for r in bench.requesters for c in r.completions) > 100
