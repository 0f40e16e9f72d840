"""Instructions of 16 and 32 bits out of aligned 32-bit words."""

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from rtl.mmu.ports import TranslationFault

from .fetch_queue import FetchedWordSignature
from .prediction import Prediction

_WIDE = 0b11
"""Lowest bits of the first parcel of a 32-bit instruction."""


class FetchedSignature(wiring.Signature):
    """An instruction and how it was fetched, seen from the fetch side.

    Members
    -------
    pc : Out(64)
    word : Out(32)
        The instruction; in the low half where it is `compressed`, with the rest undefined.
    compressed : Out(1)
        It has 16 bits.
    fault : Out(TranslationFault), second_half : Out(1)
        The fetch faulted, at `pc` or at `pc` + 2; `word` is undefined.
    ppn : Out(44), pte : Out(64), level : Out(2), translated : Out(1)
        Of the first parcel, for the retire port.
    prediction : Out(Prediction)
    """

    def __init__(self):
        super().__init__(
            {
                "pc": Out(64),
                "word": Out(32),
                "compressed": Out(1),
                "fault": Out(TranslationFault),
                "second_half": Out(1),
                "ppn": Out(44),
                "pte": Out(64),
                "level": Out(2),
                "translated": Out(1),
                "prediction": Out(Prediction),
            }
        )


_OF_FIRST_PARCEL = ("ppn", "pte", "level", "translated")


class InstructionAligner(wiring.Component):
    """Cuts the words at the head of the fetch queue into instructions.

    A word leaves the queue when nothing but the first half of an instruction is left of it: that
    half waits here, so that the rest is in the next word.

    Members
    -------
    flush : In(1)
        Drop what is begun; the queue is flushed as well.
    word_valid : In(1), word : In(FetchedWordSignature()), word_take : Out(1)
    word_stop : In(1)
        What follows an instruction that ends in the lower half of the word is elsewhere.
    valid : Out(1), head : Out(FetchedSignature()), take : In(1)
    begun : Out(1)
        `head` has the pc of an instruction, of which the second half may be missing yet.
    """

    flush: In(1)
    word_valid: In(1)
    word: In(FetchedWordSignature())
    word_stop: In(1)
    word_take: Out(1)
    valid: Out(1)
    head: Out(FetchedSignature())
    take: In(1)
    begun: Out(1)

    def elaborate(self, platform):
        m = Module()
        word, head = self.word, self.head
        low, high = word.word[:16], word.word[16:]

        # The first half of an instruction, and whether one waits.
        half_valid = Signal()
        half = Signal(16)
        half_pc = Signal(64)
        half_fields = {
            name: Signal.like(getattr(word, name), name=f"half_{name}") for name in _OF_FIRST_PARCEL
        }
        # The lower parcel of the word has been used.
        low_used = Signal()

        faulted = Signal()
        at_high = Signal()
        high_wide = Signal()
        split = Signal()
        ends_low = Signal()
        m.d.comb += [
            faulted.eq(word.fault != TranslationFault.NONE),
            at_high.eq(word.pc[1] | low_used),
            high_wide.eq(high[:2] == _WIDE),
            # There is no instruction in this word, just the first half of one.
            split.eq(at_high & high_wide & ~faulted),
            ends_low.eq(half_valid | (~at_high & (low[:2] != _WIDE))),
            self.valid.eq(self.word_valid & ~split),
            self.begun.eq(self.word_valid | half_valid),
            head.compressed.eq(~half_valid & (Mux(at_high, high[:2], low[:2]) != _WIDE)),
            head.fault.eq(word.fault),
            head.second_half.eq(half_valid),
            head.prediction.eq(word.prediction),
        ]
        with m.If(half_valid):
            m.d.comb += [
                head.pc.eq(half_pc),
                head.word.eq(Cat(half, low)),
                *(getattr(head, name).eq(value) for name, value in half_fields.items()),
            ]
        with m.Else():
            m.d.comb += [
                head.pc.eq(Cat(Const(0, 1), at_high, word.pc[2:])),
                head.word.eq(Mux(at_high, high, word.word)),
                *(getattr(head, name).eq(getattr(word, name)) for name in _OF_FIRST_PARCEL),
            ]

        keeps_half = Signal()
        m.d.comb += [
            keeps_half.eq(
                high_wide
                & ~faulted
                & ((self.word_valid & split) | (self.take & ends_low & ~self.word_stop))
            ),
            self.word_take.eq(keeps_half | (self.take & (~ends_low | self.word_stop | faulted))),
        ]
        with m.If(self.flush):
            m.d.sync += [half_valid.eq(0), low_used.eq(0)]
        with m.Elif(keeps_half):
            m.d.sync += [half_valid.eq(1), low_used.eq(0)]
        with m.Elif(self.take):
            m.d.sync += [half_valid.eq(0), low_used.eq(~self.word_take)]
        with m.If(keeps_half):
            m.d.sync += [
                half.eq(high),
                half_pc.eq(Cat(Const(0b10, 2), word.pc[2:])),
                *(value.eq(getattr(word, name)) for name, value in half_fields.items()),
            ]
        return m
