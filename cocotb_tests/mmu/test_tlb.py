"""One TLB, against the fills that may still hit."""

from cocotb_tests.support import run_bench
from rtl.config import TlbConfig
from rtl.mmu.tlb import Tlb

from .tlb_bench import SECTOR_PAGES, SECTORS, SUPERPAGES


def test_tlb():
    config = TlbConfig(SECTORS, SECTOR_PAGES, SUPERPAGES)
    run_bench(Tlb(config), name="tlb", module="cocotb_tests.mmu.tlb_bench")
