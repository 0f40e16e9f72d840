"""Parts of the hart that need no program."""

import pytest
from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from cocotb_tests.support import run_bench
from rtl.config import BranchPredictorConfig
from rtl.hart.alu import Alu
from rtl.hart.csr_bus import CsrWriteSignature
from rtl.hart.csr_file import CsrFile
from rtl.hart.decode import Decoder
from rtl.hart.expand import Expander
from rtl.hart.fetch import FetchUnit
from rtl.hart.interrupts import InterruptControl
from rtl.hart.legality import PrivilegeCheck
from rtl.hart.muldiv import MulDiv
from rtl.hart.pmp_registers import PmpRegisters
from rtl.hart.scoreboard import Scoreboard
from rtl.isa.pmp import PMP_ENTRIES, PMPADDR_BITS
from rtl.isa.privilege import Privilege
from rtl.mmu.pmp import PPN_BITS, PmpCheck
from rtl.mmu.ports import AccessType


def test_alu():
    run_bench(Alu(), name="alu", module="cocotb_tests.hart.alu_bench")


def test_muldiv():
    run_bench(MulDiv(), name="muldiv", module="cocotb_tests.hart.muldiv_bench")


def test_scoreboard():
    run_bench(Scoreboard(), name="scoreboard", module="cocotb_tests.hart.scoreboard_bench")


def test_decoder():
    run_bench(Decoder(), name="decoder", module="cocotb_tests.hart.decode_bench")


@pytest.mark.parametrize(
    "sizes",
    [
        BranchPredictorConfig(),
        BranchPredictorConfig(btb_entries=1, bht_entries=1, return_stack=1),
        BranchPredictorConfig(btb_entries=5, bht_entries=4, return_stack=3),
        None,
    ],
)
def test_fetch_unit(sizes):
    run_bench(FetchUnit(sizes), name="fetch_unit", module="cocotb_tests.hart.fetch_bench")


def test_expander():
    run_bench(Expander(), name="expander", module="cocotb_tests.hart.expand_bench")


def test_privilege_check():
    run_bench(PrivilegeCheck(), name="privilege_check", module="cocotb_tests.hart.legality_bench")


@pytest.mark.parametrize("bench", ["csr", "csr_random"])
def test_csr_file(bench):
    run_bench(CsrFile(), name="csr_file", module=f"cocotb_tests.hart.{bench}_bench")


def test_interrupts():
    run_bench(InterruptControl(), name="interrupts", module="cocotb_tests.hart.interrupt_bench")


class Protection(wiring.Component):
    """Registers of the physical memory protection and a check, joined as in the hart."""

    csr: In(CsrWriteSignature())
    pmpcfg0: Out(64)
    pmpaddr: Out(PMPADDR_BITS).array(PMP_ENTRIES)
    ppn: In(PPN_BITS)
    access: In(AccessType)
    privilege: In(Privilege)
    denied: Out(1)

    def elaborate(self, platform):
        m = Module()
        m.submodules.registers = registers = PmpRegisters()
        m.submodules.check = check = PmpCheck()
        connect(m, flipped(self.csr), registers.csr)
        for number, region in enumerate(registers.regions):
            connect(m, region, check.regions[number])
        m.d.comb += [
            *(ours.eq(own) for ours, own in zip(self.pmpaddr, registers.pmpaddr, strict=True)),
            self.pmpcfg0.eq(registers.pmpcfg0),
            check.ppn.eq(self.ppn),
            check.access.eq(self.access),
            check.privilege.eq(self.privilege),
            self.denied.eq(check.denied),
        ]
        return m


def test_physical_memory_protection():
    run_bench(Protection(), name="protection", module="cocotb_tests.hart.pmp_bench")
