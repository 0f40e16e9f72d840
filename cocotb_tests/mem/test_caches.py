"""Unit benches of the first-level caches."""

from cocotb_tests.support import run_bench
from rtl.mem.dcache import DCache

from .systems import SMALL_CACHE, TINY_CACHE


def test_dcache_with_random_accesses():
    run_bench(
        DCache(TINY_CACHE),
        name="dcache_tiny",
        module="cocotb_tests.mem.dcache_random",
    )


def test_dcache_behaviour_and_timing():
    run_bench(
        DCache(SMALL_CACHE),
        name="dcache_small",
        module="cocotb_tests.mem.dcache_directed",
    )
