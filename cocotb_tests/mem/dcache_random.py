"""cocotb: random accesses of three requesters on a tiny D$, against flat memory."""

import cocotb

from cocotb_tests.models.hub import Freedom

from .accesses import random_program
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


async def torture(
    dut,
    freedom: Freedom,
    accesses: int,
    seed: int,
    *,
    gaps: tuple[float, ...],
    kill: float,
    refusal: float = 0.0,
):
    bench = DCacheBench(dut, TINY_CACHE.line_bytes, freedom, LINES, seed)
    bench.refusal = refusal
    await bench.reset()
    rng = bench.random
    for port, requester in enumerate(bench.requesters):
        requester.gap, requester.kill = gaps[port], kill
        # Mostly few lines, so that hits, hazards and reservations happen too.
        few = LINES[port : port + 2]
        requester.queue.extend(
            random_program(
                rng,
                TINY_CACHE,
                lambda few=few: LINES if rng.random() < 0.3 else few,
                accesses,
            )
        )
    await bench.run()
    await bench.take_back(LINES)
    return bench


@cocotb.test()
async def random_accesses_with_probes_and_stalls(dut):
    bench = await torture(dut, LOOSE, 700, seed=1, gaps=(0.7, 0.5, 0.2), kill=0.1, refusal=0.2)
    assert bench.view.sc_successes > 10
    assert bench.view.sc_failures > 10
    assert bench.manager.writes_back > 50
    assert bench.manager.probes_with_data > 50
    assert bench.manager.probes_crossing_release > 0
    assert bench.manager.longest_probe_wait < 200


@cocotb.test()
async def random_accesses_at_full_speed(dut):
    """The first two ports leave gaps: their priority is fixed, and they could starve the last."""
    bench = await torture(dut, CALM, 800, seed=2, gaps=(0.7, 0.5, 0.0), kill=0.0)
    assert bench.manager.writes_back > 50


@cocotb.test()
async def stores_meet_probes_of_their_own_line(dut):
    """One line, probed all the time: every store must be in memory when the answer has gone."""
    freedom = Freedom(probe=0.5, foreign_write=0.5, grant_branch=0.5)
    bench = DCacheBench(dut, TINY_CACHE.line_bytes, freedom, LINES[:1], seed=3)
    await bench.reset()
    for requester, gap in zip(bench.requesters, (0.7, 0.5, 0.0), strict=True):
        requester.gap = gap
        requester.queue.extend(random_program(bench.random, TINY_CACHE, lambda: LINES[:1], 300))
    await bench.run()
    await bench.take_back(LINES[:1])
    assert bench.manager.probes_with_data > 50
