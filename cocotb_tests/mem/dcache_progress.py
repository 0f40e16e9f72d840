"""cocotb: requesters whose lines share the only way of a set all get on."""

from itertools import pairwise

import cocotb

from cocotb_tests.models.hub import Freedom
from cocotb_tests.models.memory import Access
from rtl.mem.ports import MemoryCommand

from .dcache_bench import DCacheBench
from .systems import DIRECT_CACHE

LINE = DIRECT_CACHE.line_bytes
BASE = 0x8000_0000
LINES = [BASE + DIRECT_CACHE.sets * LINE * number for number in range(5)]
"""All of one set."""

WALKER_REST, HOST_REST = 2, 1
"""Cycles between the end of an access and the next: the walker looks at what it read."""

BOUND = 200
"""Cycles of one access: a few refills with write-backs, its own and those of the others."""


@cocotb.test()
async def nobody_starves_while_others_evict_his_line(dut):
    """The walker and the host go on as fast as they can, and so does the hart."""
    for refusal in (0.0, 0.3):
        bench = DCacheBench(dut, LINE, Freedom(), [], seed=1)
        await bench.reset()
        bench.refusal = refusal
        walker, host, hart = bench.requesters
        walker.rest, host.rest = WALKER_REST, HOST_REST
        for number in range(60):
            walker.queue.append(Access(MemoryCommand.LOAD, LINES[number % 2], 3))
            host.queue.append(Access(MemoryCommand.STORE, LINES[2 + number % 2], 3, number))
            hart.queue.append(Access(MemoryCommand.STORE, LINES[4], 3, number))
        while all(requester.queue for requester in bench.requesters):
            await bench.step()
        done = [len(requester.completions) for requester in bench.requesters]
        assert min(done) > 20, done
        for requester in bench.requesters:
            cycles = [completion.done for completion in requester.completions]
            assert max(b - a for a, b in pairwise(cycles)) < BOUND
