"""cocotb: random accesses of three requesters on a tiny D$, against flat memory."""

import random

import cocotb

from cocotb_tests.models.atomics import AMOS
from cocotb_tests.models.hub import Freedom
from cocotb_tests.models.memory import Access
from rtl.mem.ports import MemoryCommand

from .dcache_bench import DCacheBench
from .systems import TINY_CACHE

BASE = 0x8000_0000
LINES = list(range(BASE // TINY_CACHE.line_bytes, BASE // TINY_CACHE.line_bytes + 12))
"""Three times as many lines as the cache holds."""

LOOSE = Freedom(
    acquire_ready=0.6,
    release_ready=0.6,
    grant_beat=0.6,
    grant_delay=(0, 12),
    release_ack_delay=(0, 25),
    probe=0.1,
    grant_branch=0.3,
)
CALM = Freedom(grant_branch=0.3)


def random_access(rng: random.Random, lines: list[int]) -> Access:
    command = rng.choices(
        [MemoryCommand.LOAD, MemoryCommand.STORE, MemoryCommand.LR, MemoryCommand.SC, *AMOS],
        weights=[30, 30, 6, 6, *[3] * len(AMOS)],
    )[0]
    plain = command in (MemoryCommand.LOAD, MemoryCommand.STORE)
    size = rng.choice((0, 1, 2, 3)) if plain else rng.choice((2, 3))
    line = rng.choice(lines)
    offset = rng.randrange(TINY_CACHE.line_bytes >> size) << size
    # Values at the borders of the signed and unsigned ranges decide the min and max operations.
    bits = 8 << size
    wdata = rng.choice((rng.getrandbits(bits), 0, 1, (1 << bits) - 1, 1 << bits - 1))
    return Access(command, line * TINY_CACHE.line_bytes + offset, size, wdata)


async def torture(
    dut, freedom: Freedom, accesses: int, seed: int, *, gaps: tuple[float, ...], kill: float
):
    bench = DCacheBench(dut, TINY_CACHE.line_bytes, freedom, LINES, seed)
    await bench.reset()
    rng = bench.random
    for port, requester in enumerate(bench.requesters):
        requester.gap, requester.kill = gaps[port], kill
        for _ in range(accesses):
            # Mostly few lines, so that hits, hazards and reservations happen too.
            pool = LINES if rng.random() < 0.3 else LINES[port : port + 2]
            requester.queue.append(random_access(rng, pool))
    await bench.run()
    await bench.take_back(LINES)
    return bench


@cocotb.test()
async def random_accesses_with_probes_and_stalls(dut):
    bench = await torture(dut, LOOSE, 1200, seed=1, gaps=(0.2, 0.2, 0.2), kill=0.1)
    assert bench.view.sc_successes > 10
    assert bench.view.sc_failures > 10
    assert bench.manager.writes_back > 50
    assert bench.manager.probes_with_data > 50
    assert bench.manager.probes_crossing_release > 0
    assert bench.manager.longest_probe_wait < 200


@cocotb.test()
async def random_accesses_at_full_speed(dut):
    """The first two ports leave gaps: their priority is fixed, and they could starve the last."""
    bench = await torture(dut, CALM, 1200, seed=2, gaps=(0.7, 0.5, 0.0), kill=0.0)
    assert bench.manager.writes_back > 50


@cocotb.test()
async def stores_meet_probes_of_their_own_line(dut):
    """One line, probed all the time: every store must be in memory when the answer has gone."""
    freedom = Freedom(probe=0.5, foreign_write=0.5, grant_branch=0.5)
    bench = DCacheBench(dut, TINY_CACHE.line_bytes, freedom, LINES[:1], seed=3)
    await bench.reset()
    for requester in bench.requesters:
        requester.queue.extend(random_access(bench.random, LINES[:1]) for _ in range(300))
    await bench.run()
    await bench.take_back(LINES[:1])
    assert bench.manager.probes_with_data > 50
