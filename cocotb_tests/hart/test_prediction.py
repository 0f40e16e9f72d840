"""The tables of the branch predictor."""

import pytest

from cocotb_tests.support import run_bench
from rtl.hart.bht import BranchHistory
from rtl.hart.btb import BranchTargetBuffer
from rtl.hart.return_stack import ReturnStack

from . import bht_bench, btb_bench


def test_branch_target_buffer():
    buffer = BranchTargetBuffer(btb_bench.ENTRIES)
    run_bench(buffer, name="btb", module="cocotb_tests.hart.btb_bench")


def test_branch_history():
    table = BranchHistory(bht_bench.ENTRIES)
    run_bench(table, name="bht", module="cocotb_tests.hart.bht_bench")


@pytest.mark.parametrize("depth", [1, 3, 6, 8])
def test_return_stack(depth):
    module = "cocotb_tests.hart.return_stack_bench"
    stack = ReturnStack(depth)
    run_bench(stack, name="return_stack", module=module, environment={"DEPTH": str(depth)})
