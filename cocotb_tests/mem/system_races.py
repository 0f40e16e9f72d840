"""cocotb: two harts meet on one line, with every distance in time between what they do."""

from collections.abc import Callable

import cocotb

from cocotb_tests.models.atomics import ACCESSED_AND_DIRTY
from cocotb_tests.models.memory import Access
from rtl.mem.ports import MemoryCommand
from rtl.mem.reservation import PROBE_HOLD_CYCLES

from .requester import Requester
from .system_bench import SystemBench
from .systems import TINY_CACHE

LOAD, STORE, LR, SC = (
    MemoryCommand.LOAD,
    MemoryCommand.STORE,
    MemoryCommand.LR,
    MemoryCommand.SC,
)
AMOADD, UPDATE_PTE = MemoryCommand.AMOADD, MemoryCommand.UPDATE_PTE
LINE = TINY_CACHE.line_bytes
SAME_SET = TINY_CACHE.sets * LINE
BASE = 0x8000_0000
CONFLICTS = [BASE + SAME_SET * number for number in range(1, 4)]
"""Other lines of the set: two more than the set has ways for, with the first."""

DISTANCES = range(-30, 31)
"""Cycles by which the second hart comes later: longer than a miss takes."""


async def meet(
    dut,
    prepare: list[tuple[int, Access]],
    first: list[Access],
    second: list[Access],
    port: Callable[[SystemBench], Requester] = lambda bench: bench.requesters[1],
    *,
    must_see: str,
) -> list[SystemBench]:
    """Run `first` on hart 0 and `second` on `port`, at all distances; the model checks each access.

    `prepare` are accesses of harts before. `must_see` is a race of `races.RACES`.
    """
    benches = []
    for distance in DISTANCES:
        bench = SystemBench(dut, 2, LINE, latency=4, seed=1)
        await bench.reset()
        for hart, access in prepare:
            await bench.do(access, hart=hart)
        starts = [(max(0, -distance), bench.requesters[0], first)]
        starts.append((max(0, distance), port(bench), second))
        for cycle in range(max(start for start, *_ in starts) + 1):
            for start, requester, accesses in starts:
                if cycle == start:
                    requester.queue.extend(accesses)
            await bench.step()
        await bench.run()
        # Both see all that was written.
        for hart in range(2):
            await bench.do(Access(LOAD, BASE, 3), Access(LOAD, BASE + 8, 3), hart=hart)
        benches.append(bench)
    seen = sum(bench.races.counts[must_see] for bench in benches)
    assert seen, f"at no distance: {must_see}"
    return benches


def sc_results(bench: SystemBench, hart: int) -> list[int]:
    return [c.rdata for c in bench.requesters[hart].completions if c.access.command == SC]


@cocotb.test()
async def a_probe_crosses_a_release(dut):
    await meet(
        dut,
        [(0, Access(STORE, BASE, 3, 7))],
        [Access(STORE, line, 3, line) for line in CONFLICTS],
        [Access(AMOADD, BASE, 3, 5)],
        must_see="probe of a line whose Release has no answer yet",
    )


@cocotb.test()
async def a_probe_meets_a_refill(dut):
    await meet(
        dut,
        [],
        [Access(LOAD, BASE, 3), Access(STORE, BASE, 3, 1)],
        [Access(STORE, BASE, 3, 2), Access(LOAD, BASE, 3)],
        must_see="probe of a line that is being acquired",
    )


@cocotb.test()
async def an_upgrade_is_lost_to_another_hart(dut):
    """Both have a copy and want to write: one is taken its copy while it asks."""
    shared = [(hart, Access(LOAD, BASE, 3)) for hart in (0, 1, 0)]
    await meet(
        dut,
        shared,
        [Access(AMOADD, BASE, 3, 1)],
        [Access(AMOADD, BASE, 3, 2)],
        must_see="probe takes a copy for which more permission is being acquired",
    )


@cocotb.test()
async def two_upgrades_at_once(dut):
    shared = [(hart, Access(LOAD, BASE, 3)) for hart in (0, 1, 0)]
    await meet(
        dut,
        shared,
        [Access(STORE, BASE, 2, 1), Access(STORE, BASE + 4, 2, 2)],
        [Access(STORE, BASE + 8, 3, 3), Access(AMOADD, BASE, 3, 4)],
        must_see="two harts acquire more permission on one line",
    )


@cocotb.test()
async def an_acquire_while_a_line_is_taken(dut):
    """Hart 0 misses on another line of the set while its written line is asked for."""
    await meet(
        dut,
        [(0, Access(STORE, BASE, 3, 7)), (1, Access(STORE, CONFLICTS[0], 3, 8))],
        [Access(LOAD, CONFLICTS[0], 3), Access(LOAD, BASE, 3)],
        [Access(LOAD, BASE, 3), Access(STORE, BASE, 3, 9)],
        must_see="probe while another line is being acquired",
    )


@cocotb.test()
async def an_lr_holds_a_probe_off(dut):
    benches = await meet(
        dut,
        [(0, Access(LOAD, CONFLICTS[0], 3))],
        [Access(LR, BASE, 3), Access(LOAD, CONFLICTS[0], 3), Access(SC, BASE, 3, 1)],
        [Access(STORE, BASE, 3, 2)],
        must_see="probe waits for the SC of a reserved line, which succeeds",
    )
    assert {sc_results(bench, 0)[0] for bench in benches} == {0}


LONG = [Access(LOAD, CONFLICTS[0], 3)] * (PROBE_HOLD_CYCLES + 20)
"""More than a reservation holds probes off for."""


@cocotb.test()
async def a_late_sc_has_lost_its_line(dut):
    benches = await meet(
        dut,
        [(0, Access(LOAD, CONFLICTS[0], 3))],
        [Access(LR, BASE, 3), *LONG, Access(SC, BASE, 3, 1)],
        [Access(STORE, BASE, 3, 2)],
        must_see="probe takes a reserved line, and the SC fails",
    )
    assert 1 in {sc_results(bench, 0)[0] for bench in benches}


@cocotb.test()
async def a_late_sc_asks_for_what_another_hart_reads(dut):
    """A read by another hart ends no reservation, but takes the permission to write."""
    await meet(
        dut,
        [(0, Access(LOAD, CONFLICTS[0], 3))],
        [Access(LR, BASE, 3), *LONG, Access(SC, BASE, 3, 1)],
        [Access(LOAD, BASE, 3)],
        must_see="SC acquires its line again and succeeds",
    )


@cocotb.test()
async def two_harts_reserve_one_line(dut):
    tries = [Access(LR, BASE, 3), Access(SC, BASE, 3, 1)] * 3
    benches = await meet(
        dut,
        [(1, Access(LOAD, BASE, 3))],
        tries,
        tries,
        must_see="probe waits for the SC of a reserved line, which succeeds",
    )
    for bench in benches:
        for hart in range(2):
            assert 0 in sc_results(bench, hart), "no SC of a hart succeeded"


@cocotb.test()
async def a_walker_updates_what_another_hart_writes(dut):
    entry = 0x1001
    update = Access(UPDATE_PTE, BASE, 3, entry | ACCESSED_AND_DIRTY)
    benches = await meet(
        dut,
        [(0, Access(STORE, BASE, 3, entry))],
        [Access(STORE, BASE, 3, 0)],
        [update, Access(LOAD, BASE, 3)],
        lambda bench: bench.walkers[1],
        must_see="walker writes a line that another hart has written",
    )
    for bench in benches:
        # The entry that was cleared stays so: the walker sets no bits in another one.
        assert bench.requesters[0].completions[-2].rdata == 0


@cocotb.test()
async def the_host_writes_what_a_hart_has_reserved(dut):
    """Through the D$ of the other hart."""
    benches = await meet(
        dut,
        [],
        [Access(LR, BASE, 3), Access(SC, BASE, 3, 1), Access(LR, BASE, 3), Access(SC, BASE, 3, 2)],
        [Access(STORE, BASE, 3, 3)] * 2,
        lambda bench: bench.hosts[1],
        must_see="two harts acquire one line",
    )
    for bench in benches:
        assert 0 in sc_results(bench, 0)


@cocotb.test()
async def a_fetch_meets_a_store(dut):
    """What another hart has written is fetched after fence.i, whenever it was written."""
    for distance in DISTANCES:
        bench = SystemBench(dut, 2, LINE, latency=4, seed=1)
        await bench.reset()
        old, _ = await bench.fetch(BASE, hart=1)
        bench.fetchers[1].flush_next = True
        for cycle in range(abs(distance) + 1):
            if cycle == max(0, -distance):
                bench.requesters[0].queue.append(Access(STORE, BASE, 2, old ^ 0xFFFF_FFFF))
            if cycle == max(0, distance):
                bench.fetchers[1].queue.append(BASE)
            await bench.step()
        await bench.run()
        bench.fetchers[1].flush_next = True
        await bench.step()
        new, _ = await bench.fetch(BASE, hart=1)
        assert new == old ^ 0xFFFF_FFFF
