"""The whole MMU, against the privileged spec's steps."""

import pytest

from cocotb_tests.support import run_bench
from rtl.mmu.unit import Mmu

from .driver import SOC


@pytest.mark.parametrize(
    "bench",
    ["translation", "fence", "caching", "update", "napot", "concurrency", "pmp", "random"],
)
def test_mmu(bench):
    run_bench(Mmu(SOC), name="mmu", module=f"cocotb_tests.mmu.{bench}_bench")
