"""cocotb: what the shared L2 cache takes away from DRAM, and what it costs."""

import cocotb

from cocotb_tests.models.memory import Access
from rtl.mem.ports import MemoryCommand
from rtl.mem.probe import HOLD_AFTER_GRANT_CYCLES

from .system_bench import SystemBench
from .system_directed import LOAD_MISS, PROBE
from .systems import L2_LATENCY, SMALL_CACHE, SMALL_L2

LOAD, STORE = MemoryCommand.LOAD, MemoryCommand.STORE
LINE = SMALL_CACHE.line_bytes
BASE = 0x8000_0000
SAME_L2_SET = SMALL_L2.sets * LINE
DRAM_LATENCY = 20
TURN = 1
"""A miss of the L2 cache asks DRAM one cycle later than the hub would."""


async def start(dut, dram_latency: int = DRAM_LATENCY) -> SystemBench:
    bench = SystemBench(dut, 1, LINE, dram_latency, seed=1)
    await bench.reset()
    return bench


async def wait(bench: SystemBench, cycles: int) -> None:
    for _ in range(cycles):
        await bench.step()


@cocotb.test()
async def a_hit_costs_the_latency_of_the_strap(dut):
    for dram_latency in (2, 20):
        bench = await start(dut, dram_latency)
        await wait(bench, SMALL_L2.sets)
        (miss,) = await bench.do(Access(LOAD, BASE, 3))
        assert miss.done - miss.first_s1 == LOAD_MISS + TURN + dram_latency
        await wait(bench, HOLD_AFTER_GRANT_CYCLES)
        _, cycles = await bench.fetch(BASE)
        assert cycles == LOAD_MISS + PROBE + L2_LATENCY
        assert bench.dram.reads == 1


@cocotb.test()
async def a_written_line_stays_in_the_l2_cache(dut):
    bench = await start(dut)
    await bench.do(Access(STORE, BASE, 3, 0x1234))
    word, _ = await bench.fetch(BASE)
    assert word == 0x1234
    assert (bench.dram.reads, bench.dram.writes) == (1, 0)


@cocotb.test()
async def a_written_victim_goes_to_dram_and_comes_back(dut):
    bench = await start(dut, 2)
    lines = [BASE + SAME_L2_SET * number for number in range(4 * SMALL_L2.ways)]
    for line in lines:
        await bench.do(Access(STORE, line, 3, line))
        await bench.fetch(line)
    assert bench.dram.writes == len(lines) - SMALL_L2.ways
    for line in lines:
        assert (await bench.fetch(line))[0] == line & 0xFFFF_FFFF
        (load,) = await bench.do(Access(LOAD, line, 3))
        assert load.rdata == line


@cocotb.test()
async def a_line_that_is_written_back_is_not_read_first(dut):
    bench = await start(dut)
    await bench.do(Access(STORE, BASE, 3, 0x5678))
    others = [BASE + SAME_L2_SET * number for number in range(1, 9)]
    for line in others:
        await bench.fetch(line)
    reads = bench.dram.reads
    assert reads == 1 + len(others)
    word, _ = await bench.fetch(BASE)
    assert word == 0x5678
    assert bench.dram.reads == reads


@cocotb.test()
async def reset_empties_it(dut):
    bench = await start(dut)
    await bench.do(Access(LOAD, BASE, 3))
    again = await start(dut)
    again.dram.initial.set_word(BASE, 0x42)
    again.memory.set_word(BASE, 0x42)
    (load,) = await again.do(Access(LOAD, BASE, 3))
    assert load.rdata == 0x42
