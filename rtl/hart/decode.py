"""Instruction decode: what an instruction does, and whether it exists."""

from amaranth.hdl import Module, Signal
from amaranth.lib import data, enum, wiring
from amaranth.lib.wiring import In, Out

from rtl.isa import instruction as fields
from rtl.isa.instruction import Instruction
from rtl.isa.opcodes import (
    SFENCE_VMA_FUNCT7,
    SINVAL_VMA_FUNCT7,
    AluFunct,
    AmoFunct,
    BranchFunct,
    MiscMemFunct,
    Opcode,
    PrivilegedFunct,
    SystemFunct,
)
from rtl.mem.ports import MemoryCommand

from .branch import ControlFlow


class OperandA(enum.Enum, shape=2):
    """First operand of the ALU."""

    RS1 = 0
    PC = 1
    ZERO = 2
    ZIMM = 3
    """The 5-bit immediate of a CSR instruction."""


class SystemOp(enum.Enum, shape=4):
    """What the write-back stage has to do for an instruction beside writing its register."""

    NONE = 0
    CSR = 1
    MRET = 2
    SRET = 3
    WFI = 4
    SFENCE_VMA = 5
    FENCE_I = 6
    ECALL = 7
    EBREAK = 8
    INVAL_FENCE = 9
    """sfence.w.inval and sfence.inval.ir: sinval.vma is as strong as sfence.vma, which leaves
    nothing to order; the younger instructions are fetched again, as after any fence."""


_AMO_COMMANDS = {
    AmoFunct.AMOADD: MemoryCommand.AMOADD,
    AmoFunct.AMOSWAP: MemoryCommand.AMOSWAP,
    AmoFunct.LR: MemoryCommand.LR,
    AmoFunct.SC: MemoryCommand.SC,
    AmoFunct.AMOXOR: MemoryCommand.AMOXOR,
    AmoFunct.AMOOR: MemoryCommand.AMOOR,
    AmoFunct.AMOAND: MemoryCommand.AMOAND,
    AmoFunct.AMOMIN: MemoryCommand.AMOMIN,
    AmoFunct.AMOMAX: MemoryCommand.AMOMAX,
    AmoFunct.AMOMINU: MemoryCommand.AMOMINU,
    AmoFunct.AMOMAXU: MemoryCommand.AMOMAXU,
}

_FUNCT7_BASE = 0x00
_FUNCT7_MULDIV = 0x01
_FUNCT7_ALTERNATE = 0x20


class Decoder(wiring.Component):
    """Combinational. Everything but `legal` is meaningless for an illegal instruction.

    Whether the current privilege allows the instruction is checked elsewhere.

    Members
    -------
    word : In(32)
    legal : Out(1)
    uses_rs1, uses_rs2, has_rd, writes_rd : Out(1)
        `writes_rd` is low for x0.
    operand_a : Out(OperandA), b_is_rs2 : Out(1)
        Operands of the ALU; its second is `immediate` unless `b_is_rs2`.
    immediate : Out(64)
        Also the offset of branches and jumps.
    alu_funct : Out(AluFunct), alternate, word_op : Out(1)
    flow : Out(ControlFlow)
    is_memory : Out(1), command : Out(MemoryCommand)
    is_muldiv : Out(1)
    system : Out(SystemOp)
    """

    word: In(32)
    legal: Out(1)
    uses_rs1: Out(1)
    uses_rs2: Out(1)
    has_rd: Out(1)
    writes_rd: Out(1)
    operand_a: Out(OperandA)
    b_is_rs2: Out(1)
    immediate: Out(64)
    alu_funct: Out(AluFunct)
    alternate: Out(1)
    word_op: Out(1)
    flow: Out(ControlFlow)
    is_memory: Out(1)
    command: Out(MemoryCommand)
    is_muldiv: Out(1)
    system: Out(SystemOp)

    def elaborate(self, platform):
        m = Module()
        insn = data.View(Instruction, self.word)
        opcode = Signal(Opcode)
        legal = Signal()
        m.d.comb += [
            opcode.eq(insn.opcode),
            self.writes_rd.eq(self.has_rd & (insn.rd != 0)),
            self.legal.eq(legal & (insn.low == 0b11)),
        ]

        with m.Switch(opcode):
            with m.Case(Opcode.LUI, Opcode.AUIPC):
                m.d.comb += [
                    legal.eq(1),
                    self.has_rd.eq(1),
                    self.immediate.eq(fields.u_immediate(self.word)),
                ]
                with m.If(opcode == Opcode.LUI):
                    m.d.comb += self.operand_a.eq(OperandA.ZERO)
                with m.Else():
                    m.d.comb += self.operand_a.eq(OperandA.PC)
            with m.Case(Opcode.OP_IMM, Opcode.OP_IMM_32):
                self._decode_op_imm(m, insn, opcode, legal)
                m.d.comb += self.has_rd.eq(1)
            with m.Case(Opcode.OP, Opcode.OP_32):
                self._decode_op(m, insn, opcode, legal)
                m.d.comb += self.has_rd.eq(1)
            with m.Case(Opcode.JAL):
                m.d.comb += [
                    legal.eq(1),
                    self.has_rd.eq(1),
                    self.flow.eq(ControlFlow.JAL),
                    self.immediate.eq(fields.j_immediate(self.word)),
                ]
            with m.Case(Opcode.JALR):
                m.d.comb += [
                    legal.eq(insn.funct3 == 0),
                    self.has_rd.eq(1),
                    self.uses_rs1.eq(1),
                    self.flow.eq(ControlFlow.JALR),
                    self.immediate.eq(fields.i_immediate(self.word)),
                ]
            with m.Case(Opcode.BRANCH):
                m.d.comb += [
                    self.uses_rs1.eq(1),
                    self.uses_rs2.eq(1),
                    self.b_is_rs2.eq(1),
                    self.flow.eq(ControlFlow.BRANCH),
                    self.immediate.eq(fields.b_immediate(self.word)),
                ]
                with m.Switch(insn.funct3), m.Case(*(funct.value for funct in BranchFunct)):
                    m.d.comb += legal.eq(1)
            with m.Case(Opcode.LOAD):
                m.d.comb += [
                    legal.eq(insn.funct3 != 0b111),
                    self.has_rd.eq(1),
                    self.uses_rs1.eq(1),
                    self.is_memory.eq(1),
                    self.command.eq(MemoryCommand.LOAD),
                    self.immediate.eq(fields.i_immediate(self.word)),
                ]
            with m.Case(Opcode.STORE):
                m.d.comb += [
                    legal.eq(~insn.funct3[2]),
                    self.uses_rs1.eq(1),
                    self.uses_rs2.eq(1),
                    self.is_memory.eq(1),
                    self.command.eq(MemoryCommand.STORE),
                    self.immediate.eq(fields.s_immediate(self.word)),
                ]
            with m.Case(Opcode.AMO):
                self._decode_amo(m, insn, legal)
                m.d.comb += self.has_rd.eq(1)
            with m.Case(Opcode.MISC_MEM):
                # The other fields of both are reserved and ignored, as the base ISA demands. A
                # fence has nothing to do but to wait in MEM for the store buffer.
                with m.If(insn.funct3 == MiscMemFunct.FENCE.value):
                    m.d.comb += legal.eq(1)
                with m.Elif(insn.funct3 == MiscMemFunct.FENCE_I.value):
                    m.d.comb += [legal.eq(1), self.system.eq(SystemOp.FENCE_I)]
            with m.Case(Opcode.SYSTEM):
                with m.If(insn.funct3 == SystemFunct.PRIVILEGED.value):
                    self._decode_privileged(m, insn, legal)
                with m.Else():
                    m.d.comb += [
                        legal.eq(insn.funct3[:2] != 0),
                        self.has_rd.eq(1),
                        self.system.eq(SystemOp.CSR),
                        self.uses_rs1.eq(~insn.funct3[2]),
                    ]
                    with m.If(insn.funct3[2]):
                        m.d.comb += self.operand_a.eq(OperandA.ZIMM)
        return m

    def _decode_op_imm(self, m, insn, opcode, legal):
        m.d.comb += [
            self.uses_rs1.eq(1),
            self.immediate.eq(fields.i_immediate(self.word)),
            self.alu_funct.eq(AluFunct(insn.funct3)),
            self.word_op.eq(opcode == Opcode.OP_IMM_32),
        ]
        # A shift amount has 6 bits, 5 for words; the bits above tell the kind of shift.
        upper_zero = (insn.funct7[1:5] == 0) & (insn.funct7[6] == 0)
        shift_legal = upper_zero & ~(self.word_op & insn.funct7[0])
        with m.Switch(insn.funct3):
            with m.Case(AluFunct.SLL.value):
                m.d.comb += legal.eq(shift_legal & ~insn.funct7[5])
            with m.Case(AluFunct.SRL_SRA.value):
                m.d.comb += [legal.eq(shift_legal), self.alternate.eq(insn.funct7[5])]
            with m.Case(AluFunct.ADD_SUB.value):
                m.d.comb += legal.eq(1)
            with m.Default():
                m.d.comb += legal.eq(~self.word_op)

    def _decode_op(self, m, insn, opcode, legal):
        m.d.comb += [
            self.uses_rs1.eq(1),
            self.uses_rs2.eq(1),
            self.b_is_rs2.eq(1),
            self.alu_funct.eq(AluFunct(insn.funct3)),
            self.word_op.eq(opcode == Opcode.OP_32),
        ]
        add_or_right = (insn.funct3 == AluFunct.ADD_SUB.value) | (
            insn.funct3 == AluFunct.SRL_SRA.value
        )
        in_word_form = add_or_right | (insn.funct3 == AluFunct.SLL.value)
        with m.Switch(insn.funct7):
            with m.Case(_FUNCT7_BASE):
                m.d.comb += legal.eq(~self.word_op | in_word_form)
            with m.Case(_FUNCT7_ALTERNATE):
                m.d.comb += [legal.eq(add_or_right), self.alternate.eq(1)]
            with m.Case(_FUNCT7_MULDIV):
                # Of the multiplications only mul has a word form.
                m.d.comb += [
                    legal.eq(~self.word_op | (insn.funct3 == 0) | insn.funct3[2]),
                    self.is_muldiv.eq(1),
                ]

    def _decode_amo(self, m, insn, legal):
        m.d.comb += [
            self.uses_rs1.eq(1),
            self.uses_rs2.eq(1),
            self.is_memory.eq(1),
        ]
        word_or_double = insn.funct3[1:] == 0b01
        with m.Switch(insn.funct7[2:]):
            for funct, command in _AMO_COMMANDS.items():
                with m.Case(funct.value):
                    m.d.comb += [legal.eq(word_or_double), self.command.eq(command)]
                    if funct is AmoFunct.LR:
                        with m.If(insn.rs2 != 0):
                            m.d.comb += legal.eq(0)

    def _decode_privileged(self, m, insn, legal):
        operations = {
            PrivilegedFunct.ECALL: SystemOp.ECALL,
            PrivilegedFunct.EBREAK: SystemOp.EBREAK,
            PrivilegedFunct.SRET: SystemOp.SRET,
            PrivilegedFunct.WFI: SystemOp.WFI,
            PrivilegedFunct.MRET: SystemOp.MRET,
            PrivilegedFunct.SFENCE_W_INVAL: SystemOp.INVAL_FENCE,
            PrivilegedFunct.SFENCE_INVAL_IR: SystemOp.INVAL_FENCE,
        }
        is_sfence = (insn.funct7 == SFENCE_VMA_FUNCT7) | (insn.funct7 == SINVAL_VMA_FUNCT7)
        with m.If(is_sfence & (insn.rd == 0)):
            m.d.comb += [
                legal.eq(1),
                self.uses_rs1.eq(1),
                self.uses_rs2.eq(1),
                self.system.eq(SystemOp.SFENCE_VMA),
            ]
        with m.Elif((insn.rd == 0) & (insn.rs1 == 0)), m.Switch(self.word[20:32]):
            for funct, operation in operations.items():
                with m.Case(funct.value):
                    m.d.comb += [legal.eq(1), self.system.eq(operation)]
