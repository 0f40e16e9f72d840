"""Random integers that are the same on every machine and in every Python version.

Only `random.Random.getrandbits` is used: the bits of the Mersenne Twister for an integer seed are
fixed, while the library's own methods for ranges and shuffling have changed between versions.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Draws:
    """A stream of integer draws for one seed (0 to 2**64 - 1)."""

    def __init__(self, seed: int):
        self._bits = random.Random(seed)

    def below(self, bound: int) -> int:
        """Return a uniform integer, 0 <= value < bound."""
        width = max(1, (bound - 1).bit_length())
        while True:
            value = self._bits.getrandbits(width)
            if value < bound:
                return value

    def between(self, low: int, high: int, step: int = 1) -> int:
        """Return a uniform integer of low, low + step, ... that does not exceed high."""
        return low + step * self.below((high - low) // step + 1)

    def chance(self, numerator: int, denominator: int) -> bool:
        """Return True with probability numerator / denominator."""
        return self.below(denominator) < numerator

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """Return the items in a uniformly random order (Fisher and Yates)."""
        result = list(items)
        for last in range(len(result) - 1, 0, -1):
            other = self.below(last + 1)
            result[last], result[other] = result[other], result[last]
        return result


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` in proportion to integer weights, by largest remainders.

    The shares add up to `total` exactly; ties go to the earlier weight.
    """
    whole = sum(weights)
    shares = [total * weight // whole for weight in weights]
    remainders = [total * weight % whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda index: (-remainders[index], index))
    for index in order[: total - sum(shares)]:
        shares[index] += 1
    return shares


def rounded(numerator: int, denominator: int) -> int:
    """Return numerator / denominator to the nearest integer, halves up."""
    return (2 * numerator + denominator) // (2 * denominator)
