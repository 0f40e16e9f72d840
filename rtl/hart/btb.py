"""Branch target buffer: which fetched words hold a branch, and where it goes."""

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from rtl.onehot import index_of, lowest

from .prediction import MAX_BTB_ENTRIES, BranchKind

_TAG = slice(2, 39)
"""Bits of the pc that are compared: a match by mistake costs time, nothing else."""


class TargetUpdateSignature(wiring.Signature):
    """A branch to be remembered or forgotten.

    Members
    -------
    valid : Out(1)
    remember : Out(1)
    pc : Out(64), kind : Out(BranchKind), target : Out(64)
        `pc` is that of the last parcel of the branch.
    hit : Out(1), entry : Out
        The entry that it has.
    """

    def __init__(self):
        super().__init__(
            {
                "valid": Out(1),
                "remember": Out(1),
                "pc": Out(64),
                "kind": Out(BranchKind),
                "target": Out(64),
                "hit": Out(1),
                "entry": Out(range(MAX_BTB_ENTRIES)),
            }
        )


class BranchTargetBuffer(wiring.Component):
    """Fully associative; an entry covers one word, fetched from its lower parcel on.

    The entry that makes room is one that was not used since all others were.

    Parameters
    ----------
    entries : int

    Members
    -------
    pc : In(64)
        Of the fetch.
    hit : Out(1), entry : Out, kind : Out(BranchKind), high : Out(1), target : Out(64)
        Combinational: the word holds the last parcel of a branch, in its upper half with `high`.
    used : In(1)
        The entry that hits is used.
    forget : In(1), forgotten : In
        This entry is wrong: there is no end of an instruction where it has a branch.
    update : In(TargetUpdateSignature())
    """

    pc: In(64)
    hit: Out(1)
    entry: Out(range(MAX_BTB_ENTRIES))
    kind: Out(BranchKind)
    high: Out(1)
    target: Out(64)
    used: In(1)
    forget: In(1)
    forgotten: In(range(MAX_BTB_ENTRIES))
    update: In(TargetUpdateSignature())

    def __init__(self, entries: int):
        self._entries = entries
        super().__init__()

    def elaborate(self, platform):
        m = Module()
        entries, update = self._entries, self.update
        # A memory that all rows are read of: as registers each would have a next value to compute.
        m.submodules.tags = tags = Memory(shape=_TAG.stop - _TAG.start, depth=entries, init=[])
        tag_write = tags.write_port()
        tag_reads = [tags.read_port(domain="comb") for _ in range(entries)]
        valid = Signal(entries)
        recent = Signal(entries)

        match = Signal(entries)
        wanted = self.pc[_TAG]
        if entries > 1:
            m.d.comb += [port.addr.eq(number) for number, port in enumerate(tag_reads)]
        m.d.comb += [
            match.eq(Cat(port.data == wanted for port in tag_reads) & valid),
            self.hit.eq(match.any() & ~self.pc[1]),
            self.entry.eq(index_of(match)),
        ]

        # The entry that an update writes.
        victim = Signal(entries)
        written = Signal(range(max(entries, 2)))
        m.d.comb += [
            victim.eq(lowest(~recent)),
            written.eq(Mux(update.hit, update.entry, index_of(victim))),
        ]
        fields = {"kind": 2, "high": 1, "target": 64}
        values = {"kind": update.kind, "high": update.pc[1], "target": update.target}
        for name, width in fields.items():
            memory = Memory(shape=width, depth=entries, init=[])
            m.submodules[name] = memory
            write_port = memory.write_port()
            read_port = memory.read_port(domain="comb")
            m.d.comb += [
                write_port.en.eq(update.valid),
                write_port.addr.eq(written),
                write_port.data.eq(values[name]),
                read_port.addr.eq(self.entry),
                getattr(self, name).eq(read_port.data),
            ]
        m.d.comb += [
            tag_write.en.eq(update.valid),
            tag_write.addr.eq(written),
            tag_write.data.eq(update.pc[_TAG]),
        ]

        one = Const(1, 1)
        written_bit = Signal(entries)
        cleared = Signal(entries)
        m.d.comb += written_bit.eq((one << written)[:entries])
        with m.If(self.forget):
            m.d.comb += cleared.eq((one << self.forgotten)[:entries])
        # Two instructions of one word may have got an entry each: begin anew.
        with m.Elif((match & (match - 1)[:entries]).any()):
            m.d.comb += cleared.eq(match)
        with m.If(update.valid & update.remember):
            m.d.sync += valid.eq((valid & ~cleared) | written_bit)
        with m.Elif(update.valid):
            m.d.sync += valid.eq(valid & ~cleared & ~written_bit)
        with m.Else():
            m.d.sync += valid.eq(valid & ~cleared)

        touched = Signal(entries)
        now_recent = Signal(entries)
        with m.If(update.valid):
            m.d.comb += touched.eq(written_bit)
        with m.Elif(self.used):
            m.d.comb += touched.eq(match)
        m.d.comb += now_recent.eq(recent | touched)
        m.d.sync += recent.eq(Mux(now_recent.all(), touched, now_recent))
        return m
