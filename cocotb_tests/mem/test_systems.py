"""Benches of caches, hub and DRAM together."""

from cocotb_tests.support import run_bench
from rtl.mem.stall import StallSource

from .stall_bench import PORTS
from .systems import RANDOM_HARTS, SMALL_CACHE, TINY_CACHE, CoherentSystem


def test_coherence_of_several_harts():
    run_bench(
        CoherentSystem(RANDOM_HARTS, TINY_CACHE),
        name="coherent_system",
        module="cocotb_tests.mem.system_random",
    )


def test_latencies_and_fence_i_of_one_hart():
    run_bench(
        CoherentSystem(1, SMALL_CACHE),
        name="memory_system",
        module="cocotb_tests.mem.system_directed",
    )


def test_stall_source():
    run_bench(StallSource(PORTS), name="stall_source", module="cocotb_tests.mem.stall_bench")
