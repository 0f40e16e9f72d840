"""Fields of a 32-bit instruction, and the immediates of instructions."""

from amaranth.hdl import Cat, Const, Value
from amaranth.lib import data

from .opcodes import Opcode


class Instruction(data.Struct):
    """A 32-bit instruction; the field names are those of the unprivileged specification."""

    low: 2
    opcode: Opcode
    rd: 5
    funct3: 3
    rs1: 5
    rs2: 5
    funct7: 7


def _sign_extended(*fields: Value) -> Value:
    """64-bit value of the fields, lowest first, extended with the top bit of the last."""
    value = Cat(*fields)
    return Cat(value, value[-1].replicate(64 - len(value)))


def i_immediate(word: Value) -> Value:
    return _sign_extended(word[20:32])


def s_immediate(word: Value) -> Value:
    return _sign_extended(word[7:12], word[25:32])


def b_immediate(word: Value) -> Value:
    return _sign_extended(Const(0, 1), word[8:12], word[25:31], word[7], word[31])


def u_immediate(word: Value) -> Value:
    return _sign_extended(Const(0, 12), word[12:32])


def j_immediate(word: Value) -> Value:
    return _sign_extended(Const(0, 1), word[21:31], word[20], word[12:20], word[31])


def cb_offset(parcel: Value) -> Value:
    """Of c.beqz and c.bnez."""
    c = parcel
    return _sign_extended(Const(0, 1), c[3:5], c[10:12], c[2], c[5:7], c[12])


def cj_offset(parcel: Value) -> Value:
    """Of c.j."""
    c = parcel
    fields = (c[3:6], c[11], c[2], c[7], c[6], c[9:11], c[8], c[12])
    return _sign_extended(Const(0, 1), *fields)
