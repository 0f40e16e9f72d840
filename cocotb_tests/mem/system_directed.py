"""cocotb: latencies of one hart's memory system, and what fence.i must do."""

import cocotb

from cocotb_tests.models.memory import Access
from rtl.mem.ports import MemoryCommand

from .system_bench import SystemBench
from .systems import SMALL_CACHE

LOAD, STORE = MemoryCommand.LOAD, MemoryCommand.STORE
LINE = SMALL_CACHE.line_bytes
BEATS = LINE // 8
SAME_SET = SMALL_CACHE.sets * LINE
BASE = 0x8000_0000

LOAD_MISS = 14
"""Cycles of a D$ miss over a hit, beside DRAM's latency: what Rocket needs (data of the project's
microbenchmarks: 20 cycles instead of 4 at latency 2, 38 at latency 20)."""
PROBE = 3
"""An I$ miss asks the D$ for written data first."""
WRITE_BACK = BEATS + 1
"""A dirty victim is sent before its successor is asked for; DRAM's latency for the write is
hidden."""


async def start(dut, latency: int, stall_seed: int = 0) -> SystemBench:
    bench = SystemBench(dut, 1, LINE, latency, seed=1, stall_seed=stall_seed)
    await bench.reset()
    return bench


@cocotb.test()
async def a_load_miss_costs_what_it_costs_on_rocket(dut):
    for latency in (2, 20):
        bench = await start(dut, latency)
        (miss,) = await bench.do(Access(LOAD, BASE, 3))
        assert miss.done - miss.first_s1 == LOAD_MISS + latency


@cocotb.test()
async def a_dirty_victim_adds_its_beats_but_not_its_latency(dut):
    for latency in (2, 20):
        bench = await start(dut, latency)
        lines = [BASE + SAME_SET * number for number in range(SMALL_CACHE.ways + 1)]
        completions = await bench.do(*(Access(STORE, line, 3, line) for line in lines))
        miss = completions[-1]
        assert bench.dram.writes == 1
        assert miss.done - miss.first_s1 == LOAD_MISS + WRITE_BACK + latency
        # A line evicted and fetched again comes back as it was written.
        await bench.do(*(Access(LOAD, line, 3) for line in lines))


@cocotb.test()
async def a_fetch_miss_probes_the_dcache(dut):
    for latency in (2, 20):
        bench = await start(dut, latency)
        _, cycles = await bench.fetch(BASE)
        assert cycles == LOAD_MISS + PROBE + latency
        _, cycles = await bench.fetch(BASE + LINE - 4)
        assert cycles == 0


@cocotb.test()
async def fetches_hit_one_a_cycle(dut):
    bench = await start(dut, 2)
    fetcher = bench.fetchers[0]
    await bench.fetch(BASE)
    fetcher.queue.extend(BASE + 4 * number for number in range(LINE // 4))
    await bench.run()
    cycles = [done for *_, done in fetcher.done[1:]]
    assert cycles == list(range(cycles[0], cycles[0] + LINE // 4))


@cocotb.test()
async def a_fetch_after_fence_i_sees_the_store(dut):
    bench = await start(dut, 2)
    old, _ = await bench.fetch(BASE)
    await bench.do(Access(STORE, BASE, 2, old ^ 0xFFFF_FFFF))
    stale, cycles = await bench.fetch(BASE)
    assert (stale, cycles) == (old, 0)
    bench.fetchers[0].flush_next = True
    await bench.step()
    new, _ = await bench.fetch(BASE)
    assert new == old ^ 0xFFFF_FFFF


@cocotb.test()
@cocotb.parametrize(stall_seed=[0, 11])
async def fence_i_in_every_cycle_of_a_refill(dut, stall_seed):
    """The store comes while the old line is on its way; the fence discards that line."""
    for delay in range(1, 45):
        bench = await start(dut, 20, stall_seed)
        address = BASE + LINE * delay
        old = bench.memory.word(address) & 0xFFFF_FFFF
        bench.fetchers[0].queue.append(address)
        for _ in range(delay):
            await bench.step()
        # Before the fence the fetch may see either value; the model of fetches checks that.
        bench.requesters[0].queue.append(Access(STORE, address, 2, old ^ 0xFFFF_FFFF))
        while not bench.requesters[0].idle:
            await bench.step()
        bench.fetchers[0].flush_next = True
        await bench.step()
        await bench.run()
        word, _ = await bench.fetch(address)
        assert word == old ^ 0xFFFF_FFFF


@cocotb.test()
async def a_stall_seed_slows_everything_down(dut):
    """Fetches, loads and stores take clearly longer, each by other delays for another seed."""
    durations = {}
    for stall_seed in (0, 1, 2):
        bench = await start(dut, 2, stall_seed)
        fetcher, requester = bench.fetchers[0], bench.requesters[0]
        fetcher.queue.extend(BASE + 4 * number for number in range(1000))
        await bench.run()
        fetched = bench.cycle
        requester.queue.extend(
            Access((LOAD, STORE)[number % 2], BASE + 8 * number, 3) for number in range(1000)
        )
        await bench.run()
        durations[stall_seed] = fetched, bench.cycle - fetched
    for calm, *stalled in zip(*durations.values(), strict=True):
        assert min(stalled) > 1.2 * calm
        assert len(set(stalled)) == 2


@cocotb.test()
async def flush_in_every_cycle_of_a_refill(dut):
    """A line whose refill a flush overtook is not there afterwards."""
    for delay in range(1, 30):
        bench = await start(dut, 2)
        bench.fetchers[0].queue.append(BASE)
        for _ in range(delay):
            await bench.step()
        bench.fetchers[0].flush_next = True
        await bench.step()
        in_time = bench.fetchers[0].idle
        await bench.run()
        # In cycle 1 the miss is found; a flush in that cycle comes before the refill.
        assert bench.dram.reads == (1 if in_time or delay == 1 else 2)
        word, cycles = await bench.fetch(BASE + 4)
        assert word == bench.memory.word(BASE) >> 32
        assert (cycles > 0) == in_time
