"""The formats of 32-bit instructions, for building one from its fields.

Immediates are values of the width that the format holds, lowest bit first; those of branches and
jumps come without bit 0. Figures of the unprivileged specification, section 2.2.
"""

from amaranth.hdl import Cat, Const, Value, ValueLike

from .opcodes import Opcode


def _field(value: ValueLike, width: int) -> Value:
    return Const(value, width) if isinstance(value, int) else Value.cast(value)[:width]


def _instruction(opcode: Opcode, *fields: tuple[ValueLike, int]) -> Value:
    """The opcode with its low bits, and then the fields with their widths, lowest first."""
    word = Cat(Const(0b11, 2), Const(opcode.value, 5), *(_field(*field) for field in fields))
    if len(word) != 32:
        raise ValueError(f"the fields of {opcode} make an instruction of {len(word)} bits")
    return word


def r_type(
    opcode: Opcode,
    rd: ValueLike,
    funct3: int,
    rs1: ValueLike,
    rs2: ValueLike,
    *,
    funct7: int = 0,
) -> Value:
    return _instruction(opcode, (rd, 5), (funct3, 3), (rs1, 5), (rs2, 5), (funct7, 7))


def i_type(
    opcode: Opcode, rd: ValueLike, funct3: int, rs1: ValueLike, immediate: ValueLike
) -> Value:
    return _instruction(opcode, (rd, 5), (funct3, 3), (rs1, 5), (immediate, 12))


def s_type(opcode: Opcode, funct3: int, rs1: ValueLike, rs2: ValueLike, immediate: Value) -> Value:
    low, high = immediate[:5], immediate[5:12]
    return _instruction(opcode, (low, 5), (funct3, 3), (rs1, 5), (rs2, 5), (high, 7))


def b_type(opcode: Opcode, funct3: int, rs1: ValueLike, rs2: ValueLike, offset: Value) -> Value:
    """`offset` holds bits 12:1."""
    low = Cat(offset[10], offset[:4])
    high = Cat(offset[4:10], offset[11])
    return _instruction(opcode, (low, 5), (funct3, 3), (rs1, 5), (rs2, 5), (high, 7))


def u_type(opcode: Opcode, rd: ValueLike, immediate: Value) -> Value:
    """`immediate` holds bits 31:12."""
    return _instruction(opcode, (rd, 5), (immediate, 20))


def j_type(opcode: Opcode, rd: ValueLike, offset: Value) -> Value:
    """`offset` holds bits 20:1."""
    scrambled = Cat(offset[11:19], offset[10], offset[:10], offset[19])
    return _instruction(opcode, (rd, 5), (scrambled, 20))
