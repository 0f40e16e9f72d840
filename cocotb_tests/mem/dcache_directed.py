"""cocotb: one behaviour of the D$ after the other, and its timing."""

import cocotb

from cocotb_tests.models.atomics import AMOS, amo_result
from cocotb_tests.models.hub import Freedom
from cocotb_tests.models.memory import Access
from rtl.mem.ports import MemoryCommand
from rtl.mem.reservation import PROBE_HOLD_CYCLES

from .dcache_bench import DCacheBench
from .systems import SMALL_CACHE

LOAD, STORE, LR, SC, UPDATE_PTE = (
    MemoryCommand.LOAD,
    MemoryCommand.STORE,
    MemoryCommand.LR,
    MemoryCommand.SC,
    MemoryCommand.UPDATE_PTE,
)
CONFIG = SMALL_CACHE
LINE = CONFIG.line_bytes
BEATS = LINE // 8
BASE = 0x8000_0000
SAME_SET = CONFIG.sets * LINE
"""Distance of two lines that share a set."""

MISS_OVER_HIT = 1 + 1 + BEATS + 2
"""Acquire one cycle after s1, granted at once by the model from the next cycle on; the tag follows
the last beat, then s0 and s1."""


async def start(dut, freedom: Freedom | None = None) -> DCacheBench:
    bench = DCacheBench(dut, LINE, freedom or Freedom(foreign_write=1.0), [], seed=1)
    await bench.reset()
    return bench


def line_number(address: int) -> int:
    return address // LINE


async def probe(bench: DCacheBench, address: int, to: int = 0) -> None:
    """Offer a probe and wait for the answer."""
    answered = bench.manager.probes_answered
    bench.manager.next_probe = (line_number(address), to)
    while bench.manager.probes_answered == answered:
        await bench.step()


@cocotb.test()
async def hits_complete_one_a_cycle(dut):
    bench = await start(dut)
    await bench.do(Access(STORE, BASE, 3, 1))
    accesses = []
    for number in range(24):
        address = BASE + 8 * (number % BEATS)
        accesses += [Access(LOAD, address, 3), Access(STORE, address, 3, number)]
        accesses += [Access(MemoryCommand.AMOADD, address, 3, 5)]
    completions = await bench.do(*accesses)
    assert [c.done - completions[0].done for c in completions] == list(range(len(accesses)))
    assert bench.misses == 1


@cocotb.test()
async def a_load_sees_the_stores_just_before_it(dut):
    """Distances of 1 to 3 cycles between a store and a load of its word, partly overlapping."""
    bench = await start(dut)
    await bench.do(Access(LOAD, BASE, 3))
    for distance in (1, 2, 3):
        for store_size in range(4):
            for load_size in range(4):
                fill = [Access(LOAD, BASE + 8, 3)] * (distance - 1)
                value = (0x1122_3344_5566_7788 * (distance + store_size)) & (
                    (1 << (8 << store_size)) - 1
                )
                store = Access(STORE, BASE + (8 - (1 << store_size)), store_size, value)
                load = Access(LOAD, BASE + (8 - (1 << load_size)), load_size)
                completions = await bench.do(store, *fill, load)
                assert completions[-1].done - completions[0].done == distance


@cocotb.test()
async def two_stores_to_one_word_merge(dut):
    bench = await start(dut)
    await bench.do(Access(STORE, BASE, 3, 0))
    stores = [Access(STORE, BASE + byte, 0, 0x10 + byte) for byte in range(8)]
    completions = await bench.do(*stores, Access(LOAD, BASE, 3))
    assert completions[-1].rdata == 0x17161514_13121110


@cocotb.test()
async def a_store_does_not_reach_another_way(dut):
    """Back to back: a store to one line, and a load of the same word of a line in the same set."""
    bench = await start(dut)
    other = BASE + SAME_SET
    await bench.do(Access(STORE, BASE, 3, 1), Access(STORE, other, 3, 2))
    completions = await bench.do(
        Access(STORE, BASE, 3, 3), Access(LOAD, other, 3), Access(LOAD, BASE, 3)
    )
    assert [c.rdata for c in completions[1:]] == [2, 3]


@cocotb.test()
async def a_miss_takes_its_time(dut):
    bench = await start(dut)
    (miss,) = await bench.do(Access(LOAD, BASE, 3))
    assert miss.done - miss.first_s1 == MISS_OVER_HIT
    (hit,) = await bench.do(Access(LOAD, BASE + LINE - 8, 3))
    assert hit.done == hit.first_s1
    assert bench.misses == 1


@cocotb.test()
async def a_dirty_victim_is_written_back_first(dut):
    bench = await start(dut)
    lines = [BASE + SAME_SET * number for number in range(CONFIG.ways + 1)]
    await bench.do(*(Access(STORE, line, 3, line) for line in lines[:-1]))
    assert bench.manager.writes_back == 0
    (miss,) = await bench.do(Access(LOAD, lines[-1], 3))
    assert bench.manager.writes_back == 1
    assert miss.done - miss.first_s1 == MISS_OVER_HIT + BEATS + 1
    await bench.take_back([line_number(line) for line in lines])


@cocotb.test()
async def a_clean_victim_is_dropped(dut):
    bench = await start(dut)
    lines = [BASE + SAME_SET * number for number in range(2 * CONFIG.ways)]
    completions = await bench.do(*(Access(LOAD, line, 3) for line in lines))
    assert bench.manager.writes_back == 0
    assert completions[-1].done - completions[-1].first_s1 == MISS_OVER_HIT


@cocotb.test()
async def empty_ways_are_filled_before_a_line_is_evicted(dut):
    bench = await start(dut)
    lines = [BASE + SAME_SET * number for number in range(CONFIG.ways)]
    await bench.do(*(Access(LOAD, line, 3) for line in lines))
    await bench.do(*(Access(LOAD, line, 3) for line in lines))
    assert bench.misses == CONFIG.ways


@cocotb.test()
async def a_store_to_a_shared_line_asks_for_permission(dut):
    bench = await start(dut, Freedom(grant_branch=1.0))
    await bench.do(Access(LOAD, BASE, 3))
    assert bench.misses == 1
    await bench.do(Access(STORE, BASE, 3, 7), Access(LOAD, BASE, 3))
    assert bench.misses == 2
    await bench.take_back([line_number(BASE)])
    assert bench.manager.probes_with_data == 1


@cocotb.test()
async def a_probe_to_branch_leaves_a_clean_copy(dut):
    bench = await start(dut)
    await bench.do(Access(STORE, BASE, 3, 7))
    await probe(bench, BASE, to=1)
    assert bench.manager.probes_with_data == 1
    await bench.do(Access(LOAD, BASE, 3))
    assert bench.misses == 1
    await bench.do(Access(STORE, BASE, 3, 8))
    assert bench.misses == 2


@cocotb.test()
async def every_amo_in_both_widths(dut):
    bench = await start(dut)
    values = (0, 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 1 << 63, (1 << 64) - 1, 0x1234_5678)
    for command in AMOS:
        for size in (2, 3):
            mask = (1 << (8 << size)) - 1
            for memory in values:
                for operand in values:
                    address = BASE + 4 * (size == 2)
                    store = Access(STORE, address, size, memory & mask)
                    amo = Access(command, address, size, operand & mask)
                    bench.requesters[2].queue += [store, amo]
    await bench.run()
    amos = bench.requesters[2].completions[1::2]
    sample = amos[5]
    assert sample.wresult == amo_result(
        sample.access.command, sample.access.size, sample.rdata, sample.access.wdata
    )


@cocotb.test()
async def sc_succeeds_after_its_lr_only(dut):
    bench = await start(dut)
    results = [
        c.rdata
        for c in await bench.do(
            Access(SC, BASE, 3, 1),
            Access(LR, BASE, 3),
            Access(SC, BASE, 3, 2),
            Access(SC, BASE, 3, 3),
            Access(LR, BASE, 3),
            Access(SC, BASE + LINE, 3, 4),
            Access(SC, BASE, 3, 5),
            Access(LR, BASE, 2),
            Access(STORE, BASE + 8, 3, 6),
            Access(SC, BASE, 2, 7),
            Access(LOAD, BASE, 3),
        )
        if c.access.command == SC
    ]
    assert results == [1, 0, 1, 1, 1, 0]
    # The first LR brought the line with permission to write; the SC to the next line asked for
    # nothing, having failed already.
    assert bench.misses == 1


@cocotb.test()
async def sc_fails_after_another_hart_took_the_line(dut):
    bench = await start(dut)
    await bench.do(Access(LR, BASE, 3))
    await probe(bench, BASE)
    (sc,) = await bench.do(Access(SC, BASE, 3, 1))
    assert sc.rdata == 1


@cocotb.test()
async def sc_fails_after_the_line_was_evicted(dut):
    bench = await start(dut)
    await bench.do(Access(LR, BASE, 3))
    conflicts = [Access(LOAD, BASE + SAME_SET * (1 + n), 3) for n in range(6 * CONFIG.ways)]
    await bench.do(*conflicts)
    (sc,) = await bench.do(Access(SC, BASE, 3, 1))
    assert sc.rdata == 1


@cocotb.test()
async def update_pte_sets_a_and_d_of_the_entry_it_expects(dut):
    bench = await start(dut)
    entry = 0x2000_0000_1234_5407
    for found in (entry, entry | 1 << 6, entry | 1 << 7, *(entry ^ 1 << bit for bit in range(64))):
        for wanted in (1 << 6, 1 << 7, 0b11 << 6):
            update = Access(UPDATE_PTE, BASE + 8, 3, entry | wanted)
            _, done, load = await bench.do(
                Access(STORE, BASE + 8, 3, found), update, Access(LOAD, BASE + 8, 3)
            )
            same = (found ^ entry) & ~(0b11 << 6) == 0
            assert load.rdata == (found | wanted if same else found)
            assert (done.rdata, done.wresult) == (found, load.rdata)


@cocotb.test()
async def sc_fails_after_the_walker_wrote_to_the_line(dut):
    bench = await start(dut)
    for offset, fails in ((0, 1), (LINE - 8, 1), (LINE, 0)):
        await bench.do(Access(STORE, BASE + offset, 3, 0x01), Access(LR, BASE, 3))
        _, sc = await bench.do(
            Access(UPDATE_PTE, BASE + offset, 3, 0x41), Access(SC, BASE, 3, 0x01)
        )
        assert sc.rdata == fails


@cocotb.test()
async def probes_wait_for_a_reserved_line(dut):
    bench = await start(dut)
    await bench.do(Access(LR, BASE, 3))
    bench.manager.next_probe = (line_number(BASE), 0)
    for _ in range(PROBE_HOLD_CYCLES - 20):
        await bench.step()
    assert bench.manager.probes_answered == 0
    (sc,) = await bench.do(Access(SC, BASE, 3, 1))
    assert sc.rdata == 0
    for _ in range(BEATS + 6):
        await bench.step()
    assert bench.manager.probes_answered == 1


@cocotb.test()
async def probes_of_other_lines_pass_a_reservation(dut):
    bench = await start(dut)
    await bench.do(Access(LOAD, BASE + LINE, 3), Access(LR, BASE, 3))
    before = bench.cycle
    await probe(bench, BASE + LINE)
    assert bench.cycle - before < 20
    (sc,) = await bench.do(Access(SC, BASE, 3, 1))
    assert sc.rdata == 0


@cocotb.test()
async def a_loop_of_lrs_does_not_starve_a_probe(dut):
    bench = await start(dut)
    bench.requesters[2].queue.extend([Access(LR, BASE, 3)] * 600)
    for _ in range(40):
        await bench.step()
    before = bench.cycle
    await probe(bench, BASE)
    assert bench.cycle - before < PROBE_HOLD_CYCLES + BEATS + 10
    await bench.run()


@cocotb.test()
async def loads_hit_while_another_line_is_on_its_way(dut):
    bench = await start(dut, Freedom(grant_delay=(30, 30)))
    await bench.do(Access(LOAD, BASE, 3))
    bench.requesters[1].gap = 0.5
    bench.requesters[1].queue.append(Access(LOAD, BASE + LINE, 3))
    for _ in range(8):
        await bench.step()
    bench.requesters[2].queue.append(Access(LOAD, BASE, 3))
    await bench.run()
    miss = bench.requesters[1].completions[0]
    hit = bench.requesters[2].completions[-1]
    assert hit.done < miss.done - 10


@cocotb.test()
async def a_store_of_the_host_ends_a_reservation(dut):
    """Of the reserved line only; stores of the hart itself and of the walker do not."""
    bench = await start(dut)
    for port, offset, fails in ((1, 8, 1), (1, LINE, 0), (2, 8, 0), (0, 8, 0)):
        await bench.do(Access(LR, BASE, 3))
        await bench.do(Access(STORE, BASE + offset, 3, 5), port=port)
        (sc,) = await bench.do(Access(SC, BASE, 3, 6))
        assert sc.rdata == fails, (port, offset)
