"""Unit benches of the first-level caches."""

from cocotb_tests.support import run_bench
from rtl.mem.dcache import DCache

from .dcache_bench import HOST
from .systems import DIRECT_CACHE, SMALL_CACHE, TINY_CACHE


def test_dcache_with_random_accesses():
    run_bench(
        DCache(TINY_CACHE, outsiders=[HOST]),
        name="dcache_tiny",
        module="cocotb_tests.mem.dcache_random",
    )


def test_dcache_whose_stores_wait():
    run_bench(
        DCache(TINY_CACHE, outsiders=[HOST], replaying=True),
        name="dcache_replays",
        module="cocotb_tests.mem.dcache_replays",
    )


def test_dcache_behaviour_and_timing():
    run_bench(
        DCache(SMALL_CACHE, outsiders=[HOST]),
        name="dcache_small",
        module="cocotb_tests.mem.dcache_directed",
    )


def test_dcache_with_one_way():
    run_bench(
        DCache(DIRECT_CACHE, outsiders=[HOST]),
        name="dcache_direct",
        module="cocotb_tests.mem.dcache_progress",
    )
