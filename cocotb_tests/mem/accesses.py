"""Random accesses."""

import random
from collections.abc import Callable, Iterator

from cocotb_tests.models.atomics import ACCESSED_AND_DIRTY, READ_MODIFY_WRITE
from cocotb_tests.models.memory import Access
from rtl.config import CacheConfig
from rtl.mem.ports import MemoryCommand


def random_access(rng: random.Random, cache: CacheConfig, lines: list[int]) -> Access:
    """An access of any kind to one of `lines`, given as address / line_bytes."""
    command = rng.choices(
        [
            MemoryCommand.LOAD,
            MemoryCommand.STORE,
            MemoryCommand.LR,
            MemoryCommand.SC,
            *READ_MODIFY_WRITE,
        ],
        weights=[30, 30, 6, 6, *[3] * len(READ_MODIFY_WRITE)],
    )[0]
    plain = command in (MemoryCommand.LOAD, MemoryCommand.STORE)
    size = rng.choice((0, 1, 2, 3)) if plain else rng.choice((2, 3))
    if command == MemoryCommand.UPDATE_PTE:
        size = 3
    line = rng.choice(lines)
    offset = rng.randrange(cache.line_bytes >> size) << size
    # Values at the borders of the signed and unsigned ranges decide the min and max operations.
    bits = 8 << size
    wdata = rng.choice((rng.getrandbits(bits), 0, 1, (1 << bits) - 1, 1 << bits - 1))
    if command == MemoryCommand.UPDATE_PTE:
        wdata |= ACCESSED_AND_DIRTY
    return Access(command, line * cache.line_bytes + offset, size, wdata)


def random_program(
    rng: random.Random, cache: CacheConfig, pick_lines: Callable[[], list[int]], count: int
) -> Iterator[Access]:
    """At least `count` accesses; now and then an LR, something else, and the SC that goes with it:
    at once, in time, or when the reservation keeps nobody away any more.

    `pick_lines` returns the lines that the next access may use.
    """
    for _ in range(count):
        access = random_access(rng, cache, pick_lines())
        if access.command == MemoryCommand.LR:
            yield access
            for _ in range(rng.choices((0, 1, 20), weights=(5, 4, 1))[0]):
                between = random_access(rng, cache, pick_lines())
                if between.command not in (MemoryCommand.LR, MemoryCommand.SC):
                    yield between
            wdata = rng.getrandbits(8 << access.size)
            access = Access(MemoryCommand.SC, access.address, access.size, wdata)
        yield access
