"""Stores that wait for the data array, as Rocket's D$ has them.

An array with one port takes a store in a cycle in which nothing reads it. Until then the store
waits, the first cycle in the stage behind s1, then in a second register. A load or AMO that reads
bytes of a store that waits is not answered: it is executed again, from its fetch on.

Here the arrays have a port for writes, so that what is stored is there in the next cycle; what this
module decides is when that would have been known to a load.
"""

from typing import Any

from amaranth.hdl import Cat, Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


def byte_mask(offset: Value, size: Value) -> Value:
    """8-bit expression: which bytes of a word an access of `1 << size` aligned bytes takes."""
    return ((Cat(1, size != 0, size[1].replicate(2), (size == 3).replicate(4))) << offset)[:8]


class PendingStores(wiring.Component):
    """Follows `DCache.scala` of Rocket: `pstore1` and `pstore2`.

    Words are compared by bits 11:3 of their addresses: the tag is not waited for.

    Members
    -------
    s0_reads : In(1)
        An access that takes data out of the array asks for s0.
    s1_valid, s1_reads, s1_writes : In(1)
        The access in s1; an AMO does both.
    s1_index : In(12), s1_size : In(2)
    performed : In(1)
        It writes, and completes now.
    replay : Out(1)
        It reads what waits, and is not to complete.
    s0_block : Out(1)
        A store takes the array now, and nothing is read.
    """

    s0_reads: In(1)
    s1_valid: In(1)
    s1_reads: In(1)
    s1_writes: In(1)
    s1_index: In(12)
    s1_size: In(2)
    performed: In(1)
    replay: Out(1)
    s0_block: Out(1)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        word = self.s1_index[3:]
        mask = byte_mask(self.s1_index[:3], self.s1_size)
        first, second = Signal(), Signal()
        first_word, second_word = Signal.like(word), Signal.like(word)
        first_mask, second_mask = Signal(8), Signal(8)
        first_is_amo = Signal()

        def is_read(valid: Signal, pending_word: Signal, pending_mask: Signal) -> Value:
            return valid & (pending_word == word) & (pending_mask & mask).any()

        m.d.comb += self.replay.eq(
            self.s1_valid
            & self.s1_reads
            & (is_read(first, first_word, first_mask) | is_read(second, second_word, second_mask))
        )

        # What an AMO writes is known a cycle later than what a store writes: it waits once more.
        idle = Signal()
        must_drain = Signal()
        replayed = Signal(2)
        drain = Signal()
        advance = Signal()
        m.d.comb += [
            idle.eq(~self.s0_reads),
            must_drain.eq(
                first & second & ((self.s1_valid & self.s1_writes) | first_is_amo) | replayed[1]
            ),
            drain.eq((second | (first & ~first_is_amo)) & (idle | must_drain)),
            advance.eq(first & (second == drain)),
            self.s0_block.eq(drain & ~idle),
        ]
        m.d.sync += [
            # The store behind s1 is drained, moves on, or stays where it is behind another.
            first.eq(self.performed | (first & second & ~drain)),
            second.eq((second & ~drain) | advance),
            replayed.eq(Cat(self.replay, replayed[0])),
        ]
        with m.If(self.performed):
            m.d.sync += [
                first_word.eq(word),
                first_mask.eq(mask),
                first_is_amo.eq(self.s1_reads),
            ]
        with m.If(advance):
            m.d.sync += [second_word.eq(first_word), second_mask.eq(first_mask)]
        return m
