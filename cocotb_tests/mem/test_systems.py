"""Benches of caches, hub and DRAM together."""

import pytest

from cocotb_tests.support import run_bench
from rtl.config import L2CacheConfig
from rtl.mem.stall import StallSource

from .stall_bench import PORTS
from .systems import SMALL_CACHE, SMALL_L2, TINY_CACHE, CoherentSystem


def run_random(harts: int, seed: int, l2: L2CacheConfig | None = None) -> None:
    run_bench(
        CoherentSystem(harts, TINY_CACHE, l2),
        name=f"coherent_system_{harts}{'_with_l2' if l2 else ''}",
        module="cocotb_tests.mem.system_random",
        environment={"HARTS": str(harts), "SEED": str(seed)},
    )


@pytest.mark.parametrize("harts", [2, 4])
def test_coherence_of_several_harts(harts):
    """`make coherence` runs many more, also of 8 harts."""
    run_random(harts, seed=1)


def test_an_sc_fails_that_acquires_its_line_again_behind_a_writer():
    """A load of hart 0 was granted the line for writing, for the SC of hart 2 had just given up its
    copy to ask for more; hart 0 wrote without asking, and the SC succeeded all the same."""
    run_random(4, seed=10)


def test_races_between_two_harts():
    run_bench(
        CoherentSystem(2, TINY_CACHE),
        name="coherent_system_2",
        module="cocotb_tests.mem.system_races",
    )


def test_coherence_with_an_l2_cache():
    run_random(2, seed=1, l2=SMALL_L2)


def test_l2_cache():
    run_bench(
        CoherentSystem(1, SMALL_CACHE, SMALL_L2),
        name="memory_system_with_l2",
        module="cocotb_tests.mem.l2_directed",
    )


def test_latencies_and_fence_i_of_one_hart():
    run_bench(
        CoherentSystem(1, SMALL_CACHE),
        name="memory_system",
        module="cocotb_tests.mem.system_directed",
    )


def test_stall_source():
    run_bench(StallSource(PORTS), name="stall_source", module="cocotb_tests.mem.stall_bench")
