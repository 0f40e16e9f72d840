"""Legality of a PTE and permission of an access, put together as the walker and the TLBs do."""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from cocotb_tests.support import run_bench
from rtl.mmu.permission import PermissionCheck
from rtl.mmu.pte import Pte

from .permission_bench import CASES, LEAF, PAGE_FAULT, POINTER, UPDATE


class Verdicts(wiring.Component):
    """Step 3 to 7 of a walk that reads `pte` at `level`, 2 bits for each case.

    One evaluation serves all cases, because a visit from Python costs more than they do.
    """

    pte: In(Pte)
    level: In(2)
    napot_16k: In(1)
    verdicts: Out(2 * len(CASES))

    def elaborate(self, platform) -> Module:
        m = Module()
        well_formed = Signal()
        m.d.comb += well_formed.eq(~self.pte.is_malformed(self.level, self.napot_16k))
        for number, (access, context) in enumerate(CASES):
            m.submodules[f"case{number}"] = permission = PermissionCheck()
            usable = Mux(permission.needs_update, UPDATE, LEAF)
            leaf = Mux(permission.denied, PAGE_FAULT, usable)
            verdict = Mux(self.pte.is_leaf(), leaf, POINTER)
            m.d.comb += [
                permission.pte.eq(self.pte),
                permission.access.eq(access.value),
                permission.context.eq(context.bits()),
                self.verdicts.word_select(number, 2).eq(Mux(well_formed, verdict, PAGE_FAULT)),
            ]
        return m


def test_permission():
    run_bench(Verdicts(), name="permission", module="cocotb_tests.mmu.permission_bench")
