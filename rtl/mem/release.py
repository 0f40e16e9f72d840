"""Channel C of the D$: reads a line out of the data array and sends it, or says there is none."""

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from .bus import Permission, Release
from .geometry import Geometry


class ReleaseUnit(wiring.Component):
    """Sends one message at a time: a write-back (voluntary ReleaseData) or a ProbeAck[Data].

    While `busy` the unit owns the read port of the data array, whose outputs it leaves in place
    until the beat is taken.

    Members
    -------
    start : In(1), line : In(line_bits), way : In(ways), has_data : In(1), probe : In(1),
    to : In(Permission)
        Send the line in `way` (one-hot), or a message without data. Only while not busy.
    busy : Out(1)
    done : Out(1)
        The last beat is taken in this cycle.
    read_en : Out(1), read_row : Out(word_bits)
        To the data array.
    beat_way : Out(ways), beat_valid : Out(1), beat_data : In(64)
        While `beat_valid`, the outputs of the data array belong to the unit: `beat_data` is the
        word of `beat_way`.
    release : Out(stream(Release))
    release_ack : In(1)
        The answer to a write-back has arrived.
    unacknowledged : Out(1)
        A write-back has started that is not acknowledged: TileLink forbids to answer a probe of
        that line, or to acquire it again.
    """

    start: Signal
    line: Signal
    way: Signal
    has_data: Signal
    probe: Signal
    to: Signal
    busy: Signal
    done: Signal
    read_en: Signal
    read_row: Signal
    beat_way: Signal
    beat_valid: Signal
    beat_data: Signal
    release: stream.Interface
    release_ack: Signal
    unacknowledged: Signal

    def __init__(self, geometry: Geometry):
        self._geometry = geometry
        super().__init__(
            {
                "start": In(1),
                "line": In(geometry.line_bits),
                "way": In(geometry.ways),
                "has_data": In(1),
                "probe": In(1),
                "to": In(Permission),
                "busy": Out(1),
                "done": Out(1),
                "read_en": Out(1),
                "read_row": Out(geometry.word_bits),
                "beat_way": Out(geometry.ways),
                "beat_valid": Out(1),
                "beat_data": In(64),
                "release": Out(stream.Signature(Release)),
                "release_ack": In(1),
                "unacknowledged": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        geometry = self._geometry
        line = Signal(geometry.line_bits)
        has_data = Signal()
        probe = Signal()
        to = Signal(Permission)
        # Next beat to read; one more than the last when all are read.
        beat = Signal(range(geometry.beats + 1))
        all_read = Signal()
        taken = Signal()
        message = self.release.payload
        m.d.comb += [
            all_read.eq(beat == geometry.beats),
            taken.eq(self.release.valid & self.release.ready),
            self.done.eq(taken & message.last),
            self.read_row.eq(Cat(beat[:-1], line[: geometry.set_bits])),
            message.address.eq(geometry.address_of(line)),
            message.data.eq(self.beat_data),
            message.has_data.eq(has_data),
            message.last.eq(all_read | ~has_data),
            message.probe.eq(probe),
            message.to.eq(to),
        ]
        with m.FSM(name="release_state"):
            with m.State("IDLE"), m.If(self.start):
                m.d.sync += [
                    line.eq(self.line),
                    self.beat_way.eq(self.way),
                    has_data.eq(self.has_data),
                    probe.eq(self.probe),
                    to.eq(self.to),
                    beat.eq(0),
                ]
                m.next = "SEND"
            with m.State("SEND"):
                m.d.comb += [
                    self.busy.eq(1),
                    self.release.valid.eq(self.beat_valid | ~has_data),
                    self.read_en.eq(has_data & ~all_read & (taken | ~self.beat_valid)),
                ]
                with m.If(self.read_en):
                    m.d.sync += [beat.eq(beat + 1), self.beat_valid.eq(1)]
                with m.Elif(taken):
                    m.d.sync += self.beat_valid.eq(0)
                with m.If(self.done):
                    m.next = "IDLE"

        with m.If(self.start & ~self.probe):
            m.d.sync += self.unacknowledged.eq(1)
        with m.Elif(self.release_ack):
            m.d.sync += self.unacknowledged.eq(0)
        return m
