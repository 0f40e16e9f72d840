"""cocotb: several harts load, store, do atomics and fetch on a few shared lines.

The environment variables HARTS and SEED say how many, and which run. Every hart's walker, and the
host, use its D$ too.
"""

import os
from collections import Counter

import cocotb

from cocotb_tests.models.atomics import ACCESSED_AND_DIRTY
from cocotb_tests.models.memory import Access
from rtl.mem.ports import MemoryCommand

from .accesses import random_program
from .races import RACES, RARE
from .system_bench import SystemBench
from .systems import TINY_CACHE

HARTS = int(os.environ["HARTS"])
SEED = int(os.environ["SEED"])
BASE = 0x8000_0000
LINE = TINY_CACHE.line_bytes
LINES = list(range(BASE // LINE, BASE // LINE + 10))
ACCESSES = 600 // HARTS
"""Of each hart: the whole takes about as long with more harts."""

FLUSHES = 0.008 / HARTS**2
"""Of an I$, per cycle: a refill that one overtakes is lost, and takes longer with more harts."""

CALM, STALLED = 0, 0x5EED + SEED
"""Seeds of random stalls on every port and bus."""

races: dict[int, Counter[str]] = {CALM: Counter(), STALLED: Counter()}
"""What has occurred so far, by the seed of the stalls."""


async def torture(
    dut, seed: int, stall_seed: int, *, fetches: int, shared: int, gap: float
) -> SystemBench:
    seed += 10 * SEED
    bench = SystemBench(dut, HARTS, LINE, latency=2, seed=seed, stall_seed=stall_seed)
    rng = bench.random
    bench.dram.latency = lambda: rng.randint(2, 9)
    await bench.reset()

    def pick_lines() -> list[int]:
        return LINES[:shared] if rng.random() < 0.8 else LINES

    def word() -> int:
        return rng.choice(pick_lines()) * LINE + 8 * rng.randrange(LINE // 8)

    for hart in range(HARTS):
        requester, fetcher = bench.requesters[hart], bench.fetchers[hart]
        walker, host = bench.walkers[hart], bench.hosts[hart]
        requester.gap, requester.kill = gap, 0.05
        fetcher.gap, fetcher.kill, fetcher.flush = gap, 0.05, FLUSHES
        walker.rest, host.rest = 15, 90
        requester.queue.extend(random_program(rng, TINY_CACHE, pick_lines, ACCESSES))
        for _ in range(fetches):
            fetcher.queue.append(rng.choice(LINES[: shared + 2]) * LINE + 4 * rng.randrange(4))
        for _ in range(ACCESSES // 5):
            update = rng.random() < 0.4
            command = MemoryCommand.UPDATE_PTE if update else MemoryCommand.LOAD
            walker.queue.append(
                Access(command, word(), 3, rng.getrandbits(64) | ACCESSED_AND_DIRTY)
            )
        for _ in range(ACCESSES // 20):
            host.queue.append(Access(MemoryCommand.STORE, word(), 3, rng.getrandbits(64)))
    await bench.run()
    words = [line * LINE + offset for line in LINES for offset in range(0, LINE, 8)]
    for hart in range(HARTS):
        await bench.do(*(Access(MemoryCommand.LOAD, word, 3) for word in words), hart=hart)
    races[stall_seed].update(bench.races.counts)
    return bench


@cocotb.test()
@cocotb.parametrize(stall_seed=[CALM, STALLED])
async def harts_share_some_lines(dut, stall_seed):
    bench = await torture(dut, 1, stall_seed, fetches=100, shared=4, gap=0.2)
    assert sum(view.sc_successes for view in bench.views) > 10
    assert sum(view.sc_failures for view in bench.views) > 10
    assert bench.dram.writes > 50


@cocotb.test()
@cocotb.parametrize(stall_seed=[CALM, STALLED])
async def harts_fight_for_one_line(dut, stall_seed):
    """Every hart finishes, without a gap between its accesses."""
    await torture(dut, 2, stall_seed, fetches=0, shared=1, gap=0.0)


@cocotb.test()
@cocotb.parametrize(stall_seed=[CALM, STALLED])
async def harts_count_with_lr_and_sc(dut, stall_seed):
    """Each hart increments one counter; a failed SC is tried again. None is lost or starves."""
    increments = 80 // HARTS
    bench = SystemBench(dut, HARTS, LINE, latency=5, seed=3 + 10 * SEED, stall_seed=stall_seed)
    await bench.reset()
    bench.memory.set_word(BASE, 0)
    bench.dram.words[BASE] = 0
    remaining = [increments] * HARTS

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
        for hart in range(HARTS):
            go_on(hart)
        await bench.step()
    (load,) = await bench.do(Access(MemoryCommand.LOAD, BASE, 3))
    assert load.rdata == HARTS * increments
    races[stall_seed].update(bench.races.counts)


@cocotb.test()
async def every_race_occurred(dut):
    """In the tests above, with stalls and without."""
    empty = [
        f"{race}, {'stalled' if stall_seed else 'calm'}"
        for race in RACES
        for stall_seed, counts in races.items()
        if not counts[race] and race not in RARE
    ]
    for race in RACES:
        dut._log.info("%6d calm %6d stalled  %s", *(c[race] for c in races.values()), race)
    assert not empty, f"never occurred: {'; '.join(empty)}"
