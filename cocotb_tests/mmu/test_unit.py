"""The whole MMU, against the privileged spec's steps."""

import functools

import pytest

from cocotb_tests.support import run_bench
from rtl.config import SocConfig
from rtl.mmu.unit import Mmu

from .broadcast_system import BroadcastSystem
from .driver import SOC, SOC_WITH_L2_TLB

BENCHES = (
    "translation",
    "fence",
    "caching",
    "update",
    "napot",
    "lifetime",
    "speculation",
    "concurrency",
    "pmp",
    "random",
)


@functools.cache
def mmu(soc: SocConfig) -> Mmu:
    return Mmu(soc)


@pytest.mark.parametrize("bench", BENCHES)
def test_mmu(bench):
    run_bench(mmu(SOC), name="mmu", module=f"cocotb_tests.mmu.{bench}_bench")


@pytest.mark.parametrize("bench", ["l2_tlb", "fence", "update", "random"])
def test_mmu_with_l2_tlb(bench):
    run_bench(
        mmu(SOC_WITH_L2_TLB), name="mmu_with_l2_tlb", module=f"cocotb_tests.mmu.{bench}_bench"
    )


def test_broadcast_of_fences():
    run_bench(BroadcastSystem(), name="broadcast_system", module="cocotb_tests.mmu.broadcast_bench")
