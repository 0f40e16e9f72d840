"""The pipeline, running directed programs."""

import pytest

from cocotb_tests.support import run_bench

from .stand_in import PipelineBench


@pytest.mark.parametrize("bench", ["timing", "trap", "stall", "compressed"])
def test_pipeline(bench):
    run_bench(PipelineBench(), name="pipeline_bench", module=f"cocotb_tests.hart.{bench}_bench")
