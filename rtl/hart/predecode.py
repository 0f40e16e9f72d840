"""Looks for branches in the words that were fetched, before they are cut into instructions."""

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .prediction import BranchKind
from .scan import BranchScan, offset

_WIDE = 0b11


class Predecoder(wiring.Component):
    """Finds the first branch or jump of each word that is taken, if the history is right.

    At most one instruction ends in either half of a word. The one in the lower half may have begun
    in the word before, whose upper half is kept here.

    Members
    -------
    pc : In(64), word : In(32)
        A word, from the parcel at `pc` on.
    step : In(1), cut : In(1)
        The next word follows; not directly behind this one with `cut`.
    flush : In(1)
        Forget the half that is kept.
    likely : In(1)
        A branch in this word is taken.
    low_ends, high_ends : Out(1)
        An instruction ends in that half.
    taken : Out(1), low : Out(1)
        There is a branch or jump that is taken; the first of them ends in the lower half.
    is_jump : Out(1), kind : Out(BranchKind), direct : Out(1), target : Out(64)
        The first that is taken: its target is known if `direct`.
    has_branch : Out(1)
        A branch is reached, taken or not.
    """

    pc: In(64)
    word: In(32)
    step: In(1)
    cut: In(1)
    flush: In(1)
    likely: In(1)
    low_ends: Out(1)
    high_ends: Out(1)
    taken: Out(1)
    low: Out(1)
    is_jump: Out(1)
    kind: Out(BranchKind)
    direct: Out(1)
    target: Out(64)
    has_branch: Out(1)

    def elaborate(self, platform):
        m = Module()
        m.submodules.low_scan = low_scan = BranchScan()
        m.submodules.high_scan = high_scan = BranchScan()
        low, high = self.word[:16], self.word[16:]
        half_valid = Signal()
        half = Signal(16)
        high_begins = Signal()
        m.d.comb += [
            self.low_ends.eq(half_valid | (~self.pc[1] & (low[:2] != _WIDE))),
            high_begins.eq(half_valid | self.pc[1] | (low[:2] != _WIDE)),
            self.high_ends.eq(~high_begins | (high[:2] != _WIDE)),
            low_scan.wide.eq(half_valid),
            low_scan.insn.eq(Mux(half_valid, Cat(half, low), low)),
            high_scan.wide.eq(~high_begins),
            high_scan.insn.eq(Mux(high_begins, high, self.word)),
        ]
        with m.If(self.flush):
            m.d.sync += half_valid.eq(0)
        with m.Elif(self.step):
            m.d.sync += [
                half_valid.eq(high_begins & (high[:2] == _WIDE) & ~self.cut),
                half.eq(high),
            ]

        high_reached = Signal()
        high_taken = Signal()
        m.d.comb += [
            self.low.eq(self.low_ends & (low_scan.is_jump | (low_scan.is_branch & self.likely))),
            high_reached.eq(self.high_ends & ~self.low),
            high_taken.eq(high_reached & (high_scan.is_jump | (high_scan.is_branch & self.likely))),
            self.taken.eq(self.low | high_taken),
            self.has_branch.eq(
                (self.low_ends & low_scan.is_branch) | (high_reached & high_scan.is_branch)
            ),
        ]
        word_pc = Cat(Const(0, 2), self.pc[2:])
        insn = Signal(32)
        wide = Signal()
        base = Signal(64)
        for condition, scan, begin in (
            (self.low, low_scan, Mux(half_valid, word_pc - 2, word_pc)),
            (~self.low, high_scan, Mux(high_begins, word_pc + 2, word_pc)),
        ):
            with m.If(condition):
                m.d.comb += [
                    insn.eq(scan.insn),
                    wide.eq(scan.wide),
                    base.eq(begin),
                    self.is_jump.eq(scan.is_jump & self.taken),
                    self.kind.eq(scan.kind),
                    self.direct.eq(scan.direct),
                ]
        m.d.comb += self.target.eq(base + offset(insn, wide))
        return m
