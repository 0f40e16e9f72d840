"""One TLB, against the fills that may still hit."""

import pytest

from cocotb_tests.support import run_bench
from rtl.config import TlbConfig
from rtl.mmu.tlb import Tlb

CONFIGS = {"sectored": TlbConfig(4, 2, 2), "plain": TlbConfig(2, 1, 2)}


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_tlb(config):
    run_bench(
        Tlb(config),
        name="tlb",
        module="cocotb_tests.mmu.tlb_bench",
        environment={
            "BENCH_SECTORS": str(config.sectors),
            "BENCH_SECTOR_PAGES": str(config.sector_pages),
        },
    )
