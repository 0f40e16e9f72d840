"""ID: decode, register read with forwarding, interlock; interrupts and fetch faults enter here."""

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from rtl.isa.causes import ExceptionCode
from rtl.isa.csr_layout import Status
from rtl.isa.instruction import Instruction
from rtl.isa.opcodes import Opcode
from rtl.isa.privilege import Privilege
from rtl.mmu.ports import TranslationFault
from rtl.trace.cycle import StallCause

from .align import FetchedSignature
from .branch import ControlFlow
from .decode import Decoder, OperandA, SystemOp
from .expand import Expander
from .forwarding import OperandForwarding
from .legality import PrivilegeCheck
from .register_file import RegisterFile
from .stages import IssuedSignature, OccupancySignature, ResultSignature


class DecodeStage(wiring.Component):
    """Holds no instruction itself: it works on the head of the fetch queue.

    Members
    -------
    fetched_valid : In(1), fetched : In(FetchedSignature()), fetched_take : Out(1)
    empty_cause : In(StallCause)
        Why there is nothing at the head of the queue.
    interrupt_pending : In(1), interrupt_code : In(4)
    privilege : In(Privilege), mstatus : In(Status), mcounteren, scounteren : In(32), stce : In(1)
    execute, memory, write_back : In(ResultSignature())
        Results under way; that of write-back also goes into the register file.
    pending : In(1), pending_rd : In(5)
        A product or quotient that is not there yet, though its instruction has left decode.
    execute_accesses, memory_accesses, write_back_accesses : In(1)
        A load, store or AMO is in that stage.
    hold : In(1)
        Execute does not take an instruction now.
    occupancy : Out(OccupancySignature()), issued : Out(IssuedSignature())
    """

    fetched_valid: In(1)
    fetched: In(FetchedSignature())
    fetched_take: Out(1)
    empty_cause: In(StallCause)
    interrupt_pending: In(1)
    interrupt_code: In(4)
    privilege: In(Privilege)
    mstatus: In(Status)
    mcounteren: In(32)
    scounteren: In(32)
    stce: In(1)
    execute: In(ResultSignature())
    memory: In(ResultSignature())
    write_back: In(ResultSignature())
    pending: In(1)
    pending_rd: In(5)
    execute_accesses: In(1)
    memory_accesses: In(1)
    write_back_accesses: In(1)
    hold: In(1)
    occupancy: Out(OccupancySignature())
    issued: Out(IssuedSignature())

    def elaborate(self, platform):
        m = Module()
        m.submodules.expander = expander = Expander()
        m.submodules.decoder = decoder = Decoder()
        m.submodules.privilege_check = check = PrivilegeCheck()
        m.submodules.registers = registers = RegisterFile()
        m.submodules.rs1 = rs1 = OperandForwarding()
        m.submodules.rs2 = rs2 = OperandForwarding()
        word = Signal(32)
        insn = data.View(Instruction, word)
        issued = self.issued

        compressed = self.fetched.compressed
        m.d.comb += [
            expander.parcel.eq(self.fetched.word[:16]),
            word.eq(Mux(compressed, expander.word, self.fetched.word)),
            decoder.word.eq(word),
            check.word.eq(word),
            check.system.eq(decoder.system),
            check.privilege.eq(self.privilege),
            check.mstatus.eq(self.mstatus),
            check.mcounteren.eq(self.mcounteren),
            check.scounteren.eq(self.scounteren),
            check.stce.eq(self.stce),
            registers.rs1.eq(insn.rs1),
            registers.rs2.eq(insn.rs2),
            registers.write.eq(self.write_back.valid),
            registers.rd.eq(self.write_back.rd),
            registers.rd_data.eq(self.write_back.data),
            rs1.register.eq(insn.rs1),
            rs1.used.eq(decoder.uses_rs1),
            rs1.file_data.eq(registers.rs1_data),
            rs2.register.eq(insn.rs2),
            rs2.used.eq(decoder.uses_rs2),
            rs2.file_data.eq(registers.rs2_data),
        ]
        for operand in (rs1, rs2):
            for source in ("execute", "memory", "write_back"):
                connect(m, flipped(getattr(self, source)), getattr(operand, source))

        legal = (~compressed | expander.legal) & decoder.legal & check.allowed
        self._find_exception(m, decoder, legal)
        active = ~issued.exception
        m.d.comb += [
            issued.pc.eq(self.fetched.pc),
            issued.insn.eq(word),
            issued.compressed.eq(compressed),
            issued.parcel.eq(self.fetched.word[:16]),
            issued.second_half.eq(self.fetched.second_half),
            issued.prediction.eq(self.fetched.prediction),
            issued.has_rd.eq(decoder.has_rd & active),
            issued.writes_rd.eq(decoder.writes_rd & active),
            issued.system.eq(decoder.system),
            issued.refetch.eq(check.refetch),
            issued.fetch_ppn.eq(self.fetched.ppn),
            issued.fetch_pte.eq(self.fetched.pte),
            issued.fetch_level.eq(self.fetched.level),
            issued.fetch_translated.eq(self.fetched.translated),
            issued.b.eq(Mux(decoder.b_is_rs2, rs2.data, decoder.immediate)),
            issued.c.eq(Mux(decoder.flow == ControlFlow.SEQUENTIAL, rs2.data, decoder.immediate)),
            issued.alu_funct.eq(decoder.alu_funct),
            issued.alternate.eq(decoder.alternate),
            issued.word_op.eq(decoder.word_op),
            issued.flow.eq(Mux(active, decoder.flow, ControlFlow.SEQUENTIAL)),
            issued.is_memory.eq(decoder.is_memory & active),
            issued.command.eq(decoder.command),
            issued.is_muldiv.eq(decoder.is_muldiv & active),
        ]
        with m.Switch(decoder.operand_a):
            with m.Case(OperandA.RS1):
                m.d.comb += issued.a.eq(rs1.data)
            with m.Case(OperandA.PC):
                m.d.comb += issued.a.eq(self.fetched.pc)
            with m.Case(OperandA.ZERO):
                m.d.comb += issued.a.eq(0)
            with m.Case(OperandA.ZIMM):
                m.d.comb += issued.a.eq(insn.rs1)

        # An instruction also waits for one that writes the same register, if its result comes late:
        # as Rocket, which has no names to tell the two results apart.
        overwrites_late = Signal()
        with m.If(decoder.writes_rd):
            m.d.comb += overwrites_late.eq(
                Cat(
                    result.valid & result.late & (result.rd == insn.rd)
                    for result in (self.execute, self.memory)
                ).any()
            )
        # Nor are there names for a product or quotient and what would be overwritten before it is
        # there; and one unit makes them all.
        waits_for_unit = Signal()
        with m.If(self.pending):
            m.d.comb += waits_for_unit.eq(
                decoder.is_muldiv
                | (
                    (self.pending_rd != 0)
                    & (
                        (decoder.uses_rs1 & (insn.rs1 == self.pending_rd))
                        | (decoder.uses_rs2 & (insn.rs2 == self.pending_rd))
                        | (decoder.writes_rd & (insn.rd == self.pending_rd))
                    )
                )
            )
        # An AMO with rl starts when all older accesses are complete; behind one with aq, as behind
        # a fence, the next access does.
        memory_busy = Signal()
        fenced = Signal()
        orders_older = Signal()
        orders_younger = Signal()
        is_amo = decoder.is_memory & (insn.opcode == Opcode.AMO)
        m.d.comb += [
            memory_busy.eq(self.execute_accesses | self.memory_accesses | self.write_back_accesses),
            orders_older.eq(is_amo & word[25]),
            orders_younger.eq(
                (is_amo & word[26])
                | ((insn.opcode == Opcode.MISC_MEM) & (decoder.system != SystemOp.FENCE_I))
            ),
        ]
        with m.If(self.fetched_take & active & orders_younger):
            m.d.sync += fenced.eq(1)
        with m.Elif(~memory_busy):
            m.d.sync += fenced.eq(0)
        interlock = Signal()
        m.d.comb += [
            interlock.eq(
                active
                & (
                    (rs1.wait | rs2.wait | overwrites_late | waits_for_unit)
                    | (memory_busy & (orders_older | (fenced & decoder.is_memory)))
                )
            ),
            self.occupancy.valid.eq(self.fetched_valid & ~interlock),
            self.occupancy.bubble.eq(
                Mux(
                    self.fetched_valid,
                    Mux(waits_for_unit, StallCause.MULDIV, StallCause.INTERLOCK),
                    self.empty_cause,
                )
            ),
            self.fetched_take.eq(self.occupancy.valid & ~self.hold),
        ]
        return m

    def _find_exception(self, m, decoder, legal):
        issued = self.issued
        m.d.comb += [issued.exception.eq(1), issued.code.eq(ExceptionCode.ILLEGAL)]
        with m.If(self.interrupt_pending):
            m.d.comb += [issued.is_interrupt.eq(1), issued.code.eq(self.interrupt_code)]
        with m.Elif(self.fetched.fault == TranslationFault.PAGE):
            m.d.comb += issued.code.eq(ExceptionCode.FETCH_PAGE)
        with m.Elif(self.fetched.fault == TranslationFault.ACCESS):
            m.d.comb += issued.code.eq(ExceptionCode.FETCH_ACCESS)
        with m.Elif(~legal):
            m.d.comb += issued.code.eq(ExceptionCode.ILLEGAL)
        with m.Elif(decoder.system == SystemOp.EBREAK):
            m.d.comb += issued.code.eq(ExceptionCode.BREAKPOINT)
        with m.Elif(decoder.system == SystemOp.ECALL):
            # The codes are 8 plus the number of the mode.
            m.d.comb += issued.code.eq(self.privilege.as_value() | Const(8, 4))
        with m.Else():
            m.d.comb += issued.exception.eq(0)
