"""How the outcome of an iteration travels: a byte from each hart, and one for memory.

A word takes two bits, so values are 0 to 3; a location or register of two words takes four. The
first part is in the lowest bits.
"""

from __future__ import annotations

from .definition import Litmus, Outcome

MEMORY = -1
"""Stands for a thread where a byte holds the locations at the end."""

_WORD_BITS = 2
_HIGH_SHIFT = 32


def fields(test: Litmus, thread: int) -> list[tuple[str, int, int]]:
    """(name, first bit, bits) of what a thread's byte, or that of memory, holds."""
    names = test.locations if thread == MEMORY else test.registers(thread)
    placed, first = [], 0
    for name in names:
        bits = _WORD_BITS * (1 + test.is_wide(thread, name))
        placed.append((name, first, bits))
        first += bits
    if first > 8:
        raise ValueError(f"{test.name}: thread {thread} has {first} bits to tell, a byte has 8")
    return placed


def unpack(test: Litmus, bytes_of: dict[int, int]) -> Outcome:
    """The outcome that these bytes, by thread, tell."""
    values = {}
    for thread, byte in bytes_of.items():
        for name, first, bits in fields(test, thread):
            low = byte >> first & (1 << _WORD_BITS) - 1
            high = byte >> first + _WORD_BITS & (1 << _WORD_BITS) - 1
            values[thread, name] = low | (high << _HIGH_SHIFT if bits > _WORD_BITS else 0)
    return tuple(values[part] for part in test.observed)


def strays(test: Litmus, seen: int) -> bool:
    """Whether values that no store of the test writes are among those joined by OR in `seen`."""
    word = (1 << _WORD_BITS) - 1
    return bool(seen & ~(word | (word << _HIGH_SHIFT if test.halved else 0)))
