"""16-bit instructions as the 32-bit instructions that they stand for: RV64C without F and D."""

from amaranth.hdl import Cat, Const, Module, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from rtl.isa.instruction import cb_offset, cj_offset
from rtl.isa.instruction_format import b_type, i_type, j_type, r_type, s_type, u_type
from rtl.isa.opcodes import AluFunct, BranchFunct, Opcode, PrivilegedFunct, SystemFunct

_ALTERNATE = 0x20
_WORD, _DOUBLE = 2, 3
"""funct3 of loads and stores: log2 of their bytes."""

_ZERO, _SP = 0, 2


def _signed(width: int, *fields: Value) -> Value:
    """The fields, lowest first, extended with the top bit of the last to `width` bits."""
    value = Cat(*fields)
    return Cat(value, value[-1].replicate(width - len(value)))


def _unsigned(*fields: Value) -> Value:
    """The fields, lowest first, extended with zeros to the 12 bits of an immediate."""
    value = Cat(*fields)
    return Cat(value, Const(0, 12 - len(value)))


class Expander(wiring.Component):
    """Combinational; the tables of the unprivileged specification, chapter "C".

    Reserved encodings, and those of F and D, are not legal. Hints are expanded like what they
    are a hint form of, and so do nothing.

    Members
    -------
    parcel : In(16)
        Its two lowest bits are not 11.
    word : Out(32)
        Undefined unless `legal`.
    legal : Out(1)
    """

    parcel: In(16)
    word: Out(32)
    legal: Out(1)

    def elaborate(self, platform):
        m = Module()
        with m.Switch(self.parcel[:2]):
            with m.Case(0b00), m.Switch(self.parcel[13:16]):
                self._quadrant0(m)
            with m.Case(0b01), m.Switch(self.parcel[13:16]):
                self._quadrant1(m)
            with m.Case(0b10), m.Switch(self.parcel[13:16]):
                self._quadrant2(m)
        return m

    def _expand(self, m, word: Value, legal: Value | int = 1) -> None:
        m.d.comb += [self.word.eq(word), self.legal.eq(legal)]

    def _quadrant0(self, m) -> None:
        """Accesses relative to a register, and addresses on the stack."""
        c = self.parcel
        rd, rs1 = Cat(c[2:5], Const(1, 2)), Cat(c[7:10], Const(1, 2))
        word_offset = _unsigned(Const(0, 2), c[6], c[10:13], c[5])
        double_offset = _unsigned(Const(0, 3), c[10:13], c[5:7])
        with m.Case(0b000):  # c.addi4spn
            offset = _unsigned(Const(0, 2), c[6], c[5], c[11:13], c[7:11])
            add = i_type(Opcode.OP_IMM, rd, AluFunct.ADD_SUB.value, _SP, offset)
            self._expand(m, add, c[5:13] != 0)
        with m.Case(0b010):  # c.lw
            self._expand(m, i_type(Opcode.LOAD, rd, _WORD, rs1, word_offset))
        with m.Case(0b011):  # c.ld
            self._expand(m, i_type(Opcode.LOAD, rd, _DOUBLE, rs1, double_offset))
        with m.Case(0b110):  # c.sw
            self._expand(m, s_type(Opcode.STORE, _WORD, rs1, rd, word_offset))
        with m.Case(0b111):  # c.sd
            self._expand(m, s_type(Opcode.STORE, _DOUBLE, rs1, rd, double_offset))

    def _quadrant1(self, m) -> None:
        """Arithmetic with small constants, and jumps and branches."""
        c = self.parcel
        rd, rs1 = c[7:12], Cat(c[7:10], Const(1, 2))
        immediate = _signed(12, c[2:7], c[12])
        add = AluFunct.ADD_SUB.value
        with m.Case(0b000):  # c.addi
            self._expand(m, i_type(Opcode.OP_IMM, rd, add, rd, immediate))
        with m.Case(0b001):  # c.addiw
            self._expand(m, i_type(Opcode.OP_IMM_32, rd, add, rd, immediate), rd != 0)
        with m.Case(0b010):  # c.li
            self._expand(m, i_type(Opcode.OP_IMM, rd, add, _ZERO, immediate))
        with m.Case(0b011):
            not_zero = Cat(c[2:7], c[12]) != 0
            with m.If(rd == _SP):  # c.addi16sp
                step = _signed(12, Const(0, 4), c[6], c[2], c[5], c[3:5], c[12])
                self._expand(m, i_type(Opcode.OP_IMM, _SP, add, _SP, step), not_zero)
            with m.Else():  # c.lui
                upper = _signed(20, c[2:7], c[12])
                self._expand(m, u_type(Opcode.LUI, rd, upper), not_zero)
        with m.Case(0b100), m.Switch(c[10:12]):
            self._arithmetic(m, rs1, immediate)
        with m.Case(0b101):  # c.j
            self._expand(m, j_type(Opcode.JAL, _ZERO, cj_offset(c)[1:21]))
        for funct3, funct in ((0b110, BranchFunct.BEQ), (0b111, BranchFunct.BNE)):
            with m.Case(funct3):  # c.beqz, c.bnez
                offset = cb_offset(c)[1:13]
                self._expand(m, b_type(Opcode.BRANCH, funct.value, rs1, _ZERO, offset))

    def _arithmetic(self, m, rd: Value, immediate: Value) -> None:
        """Of quadrant 1, what changes one of x8 to x15."""
        c = self.parcel
        right = AluFunct.SRL_SRA.value
        for kind, upper in ((0b00, 0), (0b01, _ALTERNATE >> 1)):
            with m.Case(kind):  # c.srli, c.srai
                amount = Cat(c[2:7], c[12], Const(upper, 6))
                self._expand(m, i_type(Opcode.OP_IMM, rd, right, rd, amount))
        with m.Case(0b10):  # c.andi
            self._expand(m, i_type(Opcode.OP_IMM, rd, AluFunct.AND.value, rd, immediate))
        with m.Case(0b11), m.Switch(Cat(c[5:7], c[12])):
            operations = (
                (Opcode.OP, AluFunct.ADD_SUB, _ALTERNATE),
                (Opcode.OP, AluFunct.XOR, 0),
                (Opcode.OP, AluFunct.OR, 0),
                (Opcode.OP, AluFunct.AND, 0),
                (Opcode.OP_32, AluFunct.ADD_SUB, _ALTERNATE),
                (Opcode.OP_32, AluFunct.ADD_SUB, 0),
            )
            rs2 = Cat(c[2:5], Const(1, 2))
            for number, (opcode, funct3, funct7) in enumerate(operations):
                with m.Case(number):  # c.sub, c.xor, c.or, c.and, c.subw, c.addw
                    self._expand(m, r_type(opcode, rd, funct3.value, rd, rs2, funct7=funct7))

    def _quadrant2(self, m) -> None:
        """Accesses relative to sp, and what takes any two registers."""
        c = self.parcel
        rd, rs2 = c[7:12], c[2:7]
        add = AluFunct.ADD_SUB.value
        with m.Case(0b000):  # c.slli
            amount = Cat(c[2:7], c[12], Const(0, 6))
            self._expand(m, i_type(Opcode.OP_IMM, rd, AluFunct.SLL.value, rd, amount))
        with m.Case(0b010):  # c.lwsp
            offset = _unsigned(Const(0, 2), c[4:7], c[12], c[2:4])
            self._expand(m, i_type(Opcode.LOAD, rd, _WORD, _SP, offset), rd != 0)
        with m.Case(0b011):  # c.ldsp
            offset = _unsigned(Const(0, 3), c[5:7], c[12], c[2:5])
            self._expand(m, i_type(Opcode.LOAD, rd, _DOUBLE, _SP, offset), rd != 0)
        with m.Case(0b100):
            with m.If(rs2 != 0):  # c.add, c.mv
                base = rd & c[12].replicate(5)
                self._expand(m, r_type(Opcode.OP, rd, add, base, rs2))
            with m.Elif(rd != 0):  # c.jalr, c.jr
                link = Cat(c[12], Const(0, 4))
                self._expand(m, i_type(Opcode.JALR, link, 0, rd, 0))
            with m.Else():  # c.ebreak
                funct, number = SystemFunct.PRIVILEGED.value, PrivilegedFunct.EBREAK.value
                self._expand(m, i_type(Opcode.SYSTEM, 0, funct, 0, number), c[12])
        with m.Case(0b110):  # c.swsp
            offset = _unsigned(Const(0, 2), c[9:13], c[7:9])
            self._expand(m, s_type(Opcode.STORE, _WORD, _SP, rs2, offset))
        with m.Case(0b111):  # c.sdsp
            offset = _unsigned(Const(0, 3), c[10:13], c[7:10])
            self._expand(m, s_type(Opcode.STORE, _DOUBLE, _SP, rs2, offset))
