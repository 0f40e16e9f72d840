"""cocotb: several harts load, store, do atomics and fetch on a few shared lines."""

import cocotb

from cocotb_tests.models.memory import Access
from rtl.mem.ports import MemoryCommand

from .accesses import random_program
from .system_bench import SystemBench
from .systems import RANDOM_HARTS, TINY_CACHE

BASE = 0x8000_0000
LINE = TINY_CACHE.line_bytes
LINES = list(range(BASE // LINE, BASE // LINE + 10))


CALM, STALLED = 0, 0x5EED
"""Seeds of random stalls on every port and bus."""


async def torture(
    dut, seed: int, stall_seed: int, *, accesses: int, fetches: int, shared: int, gap: float
):
    bench = SystemBench(dut, RANDOM_HARTS, LINE, latency=2, seed=seed, stall_seed=stall_seed)
    rng = bench.random
    bench.dram.latency = lambda: rng.randint(2, 9)
    await bench.reset()
    for hart in range(RANDOM_HARTS):
        requester, fetcher = bench.requesters[hart], bench.fetchers[hart]
        requester.gap, requester.kill = gap, 0.05
        fetcher.gap, fetcher.kill, fetcher.flush = gap, 0.05, 0.004
        requester.queue.extend(
            random_program(
                rng,
                TINY_CACHE,
                lambda: LINES[:shared] if rng.random() < 0.8 else LINES,
                accesses,
            )
        )
        for _ in range(fetches):
            fetcher.queue.append(rng.choice(LINES[: shared + 2]) * LINE + 4 * rng.randrange(4))
    await bench.run()
    words = [line * LINE + offset for line in LINES for offset in range(0, LINE, 8)]
    for hart in range(RANDOM_HARTS):
        await bench.do(*(Access(MemoryCommand.LOAD, word, 3) for word in words), hart=hart)
    return bench


@cocotb.test()
@cocotb.parametrize(stall_seed=[CALM, STALLED])
async def harts_share_some_lines(dut, stall_seed):
    bench = await torture(dut, 1, stall_seed, accesses=300, fetches=200, shared=4, gap=0.2)
    assert sum(view.sc_successes for view in bench.views) > 10
    assert sum(view.sc_failures for view in bench.views) > 10
    assert bench.dram.writes > 50


@cocotb.test()
@cocotb.parametrize(stall_seed=[CALM, STALLED])
async def harts_fight_for_one_line(dut, stall_seed):
    """Every hart finishes, without a gap between its accesses."""
    await torture(dut, 2, stall_seed, accesses=250, fetches=0, shared=1, gap=0.0)


@cocotb.test()
@cocotb.parametrize(stall_seed=[CALM, STALLED])
async def harts_count_with_lr_and_sc(dut, stall_seed):
    """Each hart increments one counter; a failed SC is tried again. None is lost or starves."""
    increments = 25
    bench = SystemBench(dut, RANDOM_HARTS, LINE, latency=5, seed=3, stall_seed=stall_seed)
    await bench.reset()
    bench.memory.set_word(BASE, 0)
    bench.dram.words[BASE] = 0
    remaining = [increments] * RANDOM_HARTS

    def go_on(hart: int) -> None:
        requester = bench.requesters[hart]
        if not requester.idle or remaining[hart] == 0:
            return
        last = requester.completions[-1] if requester.completions else None
        if last is not None and last.access.command == MemoryCommand.LR:
            requester.queue.append(Access(MemoryCommand.SC, BASE, 3, last.rdata + 1))
            return
        if last is not None and last.rdata == 0:
            remaining[hart] -= 1
        if remaining[hart]:
            requester.queue.append(Access(MemoryCommand.LR, BASE, 3))

    while any(remaining):
        assert bench.cycle < 60_000, f"increments left after {bench.cycle} cycles: {remaining}"
        for hart in range(RANDOM_HARTS):
            go_on(hart)
        await bench.step()
    (load,) = await bench.do(Access(MemoryCommand.LOAD, BASE, 3))
    assert load.rdata == RANDOM_HARTS * increments
