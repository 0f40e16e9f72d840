"""Bytes of a 64-bit word: aligned reads and writes of 1, 2, 4 and 8 bytes."""

from amaranth.hdl import Cat, Const, Mux, Value

WORD_BITS = 64


def shift_to_offset(value: Value, offset: Value) -> Value:
    """Move the low bytes of `value` up to byte `offset` of a 64-bit word.

    Three steps by constants: one shift by a variable would be 127 bits wide.
    """
    for bit in reversed(range(3)):
        distance = 8 << bit
        moved = Cat(Const(0, distance), value[: WORD_BITS - distance])
        value = Mux(offset[bit], moved, value)[:WORD_BITS]
    return value


def shift_from_offset(word: Value, offset: Value) -> Value:
    """Move byte `offset` of a 64-bit word down to byte 0."""
    return (word >> Cat(Const(0, 3), offset))[:WORD_BITS]


def size_mask(size: Value) -> Value:
    """64-bit mask of the low `1 << size` bytes."""
    return Cat(
        Const(0xFF, 8),
        (size >= 1).replicate(8),
        (size >= 2).replicate(16),
        (size == 3).replicate(32),
    )
