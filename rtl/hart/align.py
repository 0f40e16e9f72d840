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

    A word leaves the queue when its lower parcel is used: the upper one waits here, for decode or
    for the rest of its instruction in the next word. Of a word to whose upper parcel a jump leads,
    or that ends in a jump in its lower one, only that parcel is wanted: it is taken over while the
    parcel here is used.

    Members
    -------
    flush : In(1)
        Drop what is here; the queue is flushed as well.
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

        # The parcel that waits.
        kept_valid = Signal()
        kept = Signal(16)
        kept_pc = Signal(64)
        kept_prediction = Signal(Prediction)
        kept_fields = {
            name: Signal.like(getattr(word, name), name=f"kept_{name}") for name in _OF_FIRST_PARCEL
        }

        complete = Signal()
        from_high = Signal()
        faulted = Signal()
        split = Signal()
        only_low = Signal()
        ends_low = Signal()
        m.d.comb += [
            # What waits is an instruction without the word.
            complete.eq(kept_valid & (kept[:2] != _WIDE)),
            from_high.eq(~kept_valid & word.pc[1]),
            faulted.eq(word.fault != TranslationFault.NONE),
            # There is no instruction in this word, just the first half of one.
            split.eq(from_high & (high[:2] == _WIDE) & ~faulted),
            only_low.eq(~word.pc[1] & (low[:2] != _WIDE) & self.word_stop),
            ends_low.eq(Mux(kept_valid, ~complete, ~from_high & (low[:2] != _WIDE))),
            self.valid.eq(complete | (self.word_valid & ~split)),
            self.begun.eq(kept_valid | self.word_valid),
            head.fault.eq(Mux(complete, TranslationFault.NONE, word.fault)),
            head.second_half.eq(kept_valid),
            head.prediction.eq(Mux(complete, kept_prediction, word.prediction)),
        ]
        with m.If(kept_valid):
            m.d.comb += [
                head.pc.eq(kept_pc),
                head.word.eq(Cat(kept, low)),
                head.compressed.eq(complete),
                *(getattr(head, name).eq(value) for name, value in kept_fields.items()),
            ]
        with m.Else():
            m.d.comb += [
                head.pc.eq(word.pc),
                head.word.eq(Mux(from_high, high, word.word)),
                head.compressed.eq(from_high | ends_low),
                *(getattr(head, name).eq(getattr(word, name)) for name in _OF_FIRST_PARCEL),
            ]

        keeps = Signal()
        m.d.comb += [
            keeps.eq(
                self.word_valid
                & ~faulted
                & (
                    split
                    | (self.take & Mux(complete, word.pc[1] | only_low, ends_low & ~self.word_stop))
                )
            ),
            self.word_take.eq(keeps | (self.take & ~complete)),
        ]
        with m.If(self.flush):
            m.d.sync += kept_valid.eq(0)
        with m.Elif(keeps | self.take):
            m.d.sync += kept_valid.eq(keeps)
        with m.If(keeps):
            m.d.sync += [
                kept.eq(Mux(complete & only_low, low, high)),
                kept_pc.eq(Cat(Const(0, 1), ~(complete & only_low), word.pc[2:])),
                kept_prediction.eq(word.prediction),
                *(value.eq(getattr(word, name)) for name, value in kept_fields.items()),
            ]
        return m
