"""Miss handling of a cache: Acquire a line, write its beats, install it, acknowledge."""

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from .bus import Acquire, Grant, Permission
from .geometry import Geometry


class Refill(wiring.Component):
    """Fetches one line at a time into a way whose line is gone already.

    Timing: start in cycle t, Acquire offered in t + 1 (without a write-back), data written as its
    beats arrive, `install` one cycle after the last beat; an access that is accepted at s0 after
    that finds the line.

    Members
    -------
    start : In(1), line : In(line_bits), way : In(ways), to : In(Permission)
        Fetch `line` into `way` (one-hot). Only while idle.
    write_back : In(1), written_back : In(1)
        With `start`: wait for `written_back` before the Acquire.
    idle : Out(1)
    awaiting : Out(1)
        Between `start` and the first beat, write-back excluded: the other side may need a probe
        answered before it can grant.
    acquire, grant, grant_ack
        As in `CoherentBusSignature`. Grants are always taken at once.
    release_ack : Out(1)
        The beat is the answer to a voluntary Release.
    write_way : Out(ways), write_row : Out(word_bits), write_data : Out(64)
        To the data array.
    install_way : Out(ways), install_set : Out(set_bits), install_tag : Out(tag_bits),
    installed : Out(Permission)
        To the tags: all beats are written, permission as granted. `install_way` is zero in other
        cycles.
    """

    start: Signal
    line: Signal
    way: Signal
    to: Signal
    write_back: Signal
    written_back: Signal
    idle: Signal
    awaiting: Signal
    acquire: stream.Interface
    grant: stream.Interface
    grant_ack: Signal
    release_ack: Signal
    write_way: Signal
    write_row: Signal
    write_data: Signal
    install_way: Signal
    install_set: Signal
    install_tag: Signal
    installed: Signal

    def __init__(self, geometry: Geometry):
        self._geometry = geometry
        super().__init__(
            {
                "start": In(1),
                "line": In(geometry.line_bits),
                "way": In(geometry.ways),
                "to": In(Permission),
                "write_back": In(1),
                "written_back": In(1),
                "idle": Out(1),
                "awaiting": Out(1),
                "acquire": Out(stream.Signature(Acquire)),
                "grant": In(stream.Signature(Grant)),
                "grant_ack": Out(1),
                "release_ack": Out(1),
                "write_way": Out(geometry.ways),
                "write_row": Out(geometry.word_bits),
                "write_data": Out(64),
                "install_way": Out(geometry.ways),
                "install_set": Out(geometry.set_bits),
                "install_tag": Out(geometry.tag_bits),
                "installed": Out(Permission),
            }
        )

    def elaborate(self, platform):
        m = Module()
        geometry = self._geometry
        line = Signal(geometry.line_bits)
        way = Signal(geometry.ways)
        to = Signal(Permission)
        granted = Signal(Permission)
        beat = Signal(range(geometry.beats))
        line_set = line[: geometry.set_bits]
        grant = self.grant.payload
        grant_beat = Signal()

        m.d.comb += [
            self.grant.ready.eq(1),
            grant_beat.eq(self.grant.valid & ~grant.release_ack),
            self.release_ack.eq(self.grant.valid & grant.release_ack),
            self.acquire.payload.address.eq(geometry.address_of(line)),
            self.acquire.payload.to.eq(to),
            self.write_row.eq(Cat(beat, line_set)),
            self.write_data.eq(grant.data),
            self.install_set.eq(line_set),
            self.install_tag.eq(line[geometry.set_bits :]),
            self.installed.eq(granted),
        ]
        with m.FSM(name="refill_state"):
            with m.State("IDLE"):
                m.d.comb += self.idle.eq(1)
                with m.If(self.start):
                    m.d.sync += [line.eq(self.line), way.eq(self.way), to.eq(self.to), beat.eq(0)]
                    with m.If(self.write_back):
                        m.next = "WRITE_BACK"
                    with m.Else():
                        m.next = "ACQUIRE"
            with m.State("WRITE_BACK"), m.If(self.written_back):
                m.next = "ACQUIRE"
            with m.State("ACQUIRE"):
                m.d.comb += [self.awaiting.eq(1), self.acquire.valid.eq(1)]
                with m.If(self.acquire.ready):
                    m.next = "GRANT"
            with m.State("GRANT"):
                m.d.comb += self.awaiting.eq(beat == 0)
                with m.If(grant_beat):
                    m.d.comb += self.write_way.eq(way)
                    m.d.sync += [beat.eq(beat + 1), granted.eq(grant.to)]
                    with m.If(grant.last):
                        m.next = "INSTALL"
            with m.State("INSTALL"):
                m.d.comb += [self.install_way.eq(way), self.grant_ack.eq(1)]
                m.next = "IDLE"
        return m
