"""One-hot selection: AND-OR instead of priority chains, for speed in hardware and in Verilator."""

from collections.abc import Iterable

from amaranth.hdl import Mux, Value


def select(onehot: Value, values: Iterable[Value]) -> Value:
    """Return the OR of those `values` whose bit of `onehot` is set: zero when none is."""
    result = None
    for bit, value in zip(onehot, values, strict=True):
        masked = Mux(bit, value, 0)
        result = masked if result is None else result | masked
    if result is None:
        raise ValueError("select() needs at least one value")
    return result


def lowest(bits: Value) -> Value:
    """Return `bits` with only its lowest set bit left."""
    return (bits & (~bits + 1))[: len(bits)]


def round_robin(requests: Value, after: Value) -> Value:
    """Return one of `requests`: the lowest one above the one-hot `after`, else the lowest."""
    above = requests & ~(after | (after - 1))[: len(requests)]
    return Mux(above.any(), lowest(above), lowest(requests))
