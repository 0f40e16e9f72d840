"""The retire port's registers: a record for each instruction that leaves write-back."""

from amaranth.hdl import Cat, Const, Module, Mux
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from rtl.isa.instruction import Instruction
from rtl.isa.privilege import Privilege, TranslationContext
from rtl.trace.retire import RetireSignature

from .stages import FinishedSignature, ResultSignature


class RetirePort(wiring.Component):
    """One cycle behind write-back.

    Members
    -------
    valid : In(1)
        The instruction leaves write-back in this cycle, with a trap or without.
    finished : In(FinishedSignature())
        With `exception`, `is_interrupt` and `code` as they are taken.
    tval : In(64), privilege : In(Privilege), result : In(ResultSignature())
    context : In(TranslationContext)
        Of loads and stores.
    retire : Out(RetireSignature())
    """

    valid: In(1)
    finished: In(FinishedSignature())
    tval: In(64)
    privilege: In(Privilege)
    context: In(TranslationContext)
    result: In(ResultSignature())
    retire: Out(RetireSignature())

    def elaborate(self, platform):
        m = Module()
        retire, finished, context = self.retire, self.finished, self.context
        insn = data.View(Instruction, finished.insn)
        m.d.sync += retire.valid.eq(self.valid)
        # The order counts records, so that it goes on while the record before is shown.
        with m.If(retire.valid):
            m.d.sync += retire.order.eq(retire.order + 1)
        with m.If(self.valid):
            m.d.sync += [
                retire.trap.eq(finished.exception),
                retire.cause.eq(Cat(finished.code, Const(0, 59), finished.is_interrupt)),
                retire.tval.eq(self.tval),
                retire.pc.eq(finished.pc),
                retire.insn.eq(Mux(finished.compressed, finished.parcel, finished.insn)),
                retire.privilege.eq(self.privilege),
                retire.fetch_paddr.eq(Cat(finished.pc[:12], finished.fetch_ppn)),
                retire.fetch_pte.eq(finished.fetch_pte),
                retire.fetch_level.eq(finished.fetch_level),
                retire.fetch_translated.eq(finished.fetch_translated),
                retire.rd_valid.eq(self.result.valid),
                retire.rd.eq(self.result.rd),
                retire.rd_data.eq(self.result.data),
                retire.mem_read.eq(finished.mem_read),
                retire.mem_write.eq(finished.mem_write),
                retire.mem_vaddr.eq(finished.address),
                retire.mem_paddr.eq(finished.mem_paddr),
                retire.mem_size.eq(insn.funct3[:2]),
                retire.mem_rdata.eq(finished.result),
                retire.mem_wdata.eq(finished.mem_wdata),
                retire.mem_pte.eq(finished.mem_pte),
                retire.mem_level.eq(finished.mem_level),
                retire.mem_translated.eq(finished.mem_translated),
                retire.root_ppn.eq(context.root_ppn),
                retire.asid.eq(context.asid),
                retire.data_privilege.eq(context.privilege),
                retire.sum.eq(context.sum),
                retire.mxr.eq(context.mxr),
                retire.hardware_ad_update.eq(context.hardware_ad_update),
            ]
        return m
