"""One-hot selection: AND-OR instead of priority chains, which simulate slowly."""

from collections.abc import Iterable

from amaranth.hdl import Cat, Const, Mux, Value


def select(onehot: Iterable[Value], values: Iterable[Value]) -> Value:
    """Return the OR of those `values` whose bit of `onehot` is set: zero when none is.

    `onehot` is a vector or a sequence of single bits.
    """
    result = None
    for bit, value in zip(onehot, values, strict=True):
        masked = Mux(bit, value, 0)
        result = masked if result is None else result | masked
    if result is None:
        raise ValueError("select() needs at least one value")
    return result


def index_of(onehot: Value) -> Value:
    """Return the number of the bit that is set; zero where none is.

    At least one bit wide, so that it can address a memory of one row.
    """
    count = len(onehot)
    bits = max(1, (count - 1).bit_length())
    masks = [sum(1 << i for i in range(count) if i >> bit & 1) for bit in range(bits)]
    return Cat((onehot & Const(mask, count)).any() for mask in masks)


def lowest(bits: Value) -> Value:
    """Return `bits` with only its lowest set bit left."""
    return (bits & (~bits + 1))[: len(bits)]


def round_robin(requests: Value, after: Value) -> Value:
    """Return one of `requests`: the lowest one above the one-hot `after`, else the lowest."""
    above = requests & ~(after | (after - 1))[: len(requests)]
    return Mux(above.any(), lowest(above), lowest(requests))
