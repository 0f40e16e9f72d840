"""Selecting with one-hot vectors: AND-OR instead of priority chains, which simulate slowly."""

from collections.abc import Sequence
from functools import reduce
from operator import or_

from amaranth.hdl import Cat, Const, Value


def select(choices: Sequence[Value], values: Sequence[Value]) -> Value:
    """The value whose choice is set; at most one may be. Zero where none is."""
    terms = [
        choice.replicate(len(value)) & value for choice, value in zip(choices, values, strict=True)
    ]
    return reduce(or_, terms)


def index_of(onehot: Value) -> Value:
    """Number of the bit that is set; zero where none is.

    At least one bit wide, so that it can address a memory of one row.
    """
    count = len(onehot)
    bits = max(1, (count - 1).bit_length())
    masks = [sum(1 << i for i in range(count) if i >> bit & 1) for bit in range(bits)]
    return Cat((onehot & Const(mask, count)).any() for mask in masks)


def lowest(bits: Value) -> Value:
    """One-hot: only the lowest bit that is set."""
    return (bits & -bits)[: len(bits)]
