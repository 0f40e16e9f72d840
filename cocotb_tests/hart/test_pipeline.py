"""The pipeline, running directed programs."""

import functools

import pytest

from cocotb_tests.mem.systems import TINY_CACHE
from cocotb_tests.support import run_bench

from .buffered_access import BufferedAccess
from .stand_in import PipelineBench
from .store_buffer_bench import ENTRIES


@functools.cache
def pipeline(store_buffer_entries: int = 0) -> PipelineBench:
    return PipelineBench(store_buffer_entries=store_buffer_entries)


@pytest.mark.parametrize("bench", ["timing", "trap", "stall", "compressed"])
def test_pipeline(bench):
    run_bench(pipeline(), name="pipeline_bench", module=f"cocotb_tests.hart.{bench}_bench")


@pytest.mark.parametrize("bench", ["timing", "trap", "stall", "drain"])
def test_pipeline_with_a_store_buffer(bench):
    run_bench(
        pipeline(store_buffer_entries=2),
        name="buffered_pipeline_bench",
        module=f"cocotb_tests.hart.{bench}_bench",
    )


def test_store_buffer():
    run_bench(
        BufferedAccess(TINY_CACHE, ENTRIES),
        name="buffered_access",
        module="cocotb_tests.hart.store_buffer_bench",
    )


@pytest.mark.parametrize("entries", [1, 8])
def test_smallest_and_largest_store_buffer(entries):
    run_bench(
        BufferedAccess(TINY_CACHE, entries),
        name="buffered_access",
        module="cocotb_tests.hart.store_buffer_bench",
        testcase="random_accesses",
    )
