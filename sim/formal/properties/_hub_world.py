"""What is around the hub in its proof: D$s and I$s that keep to TileLink, and DRAM.

They are no cache: they do whatever the protocol allows, at any time. Of the lines one is watched,
an arbitrary constant, and of its words one. Everything here is read from the members of the hub.
"""

from typing import Any

from amaranth.hdl import Cat, Mux, Signal

from rtl.mem.bus import BEAT_BYTES, Permission, Release
from rtl.mem.hub import Hub

from ..harness import Bench, same

HARTS = 2
LINE_BYTES = 16
BEATS = LINE_BYTES // BEAT_BYTES
OFFSET_BITS = (LINE_BYTES - 1).bit_length()
PATIENCE = 2
"""Cycles in a row in which nobody does what the hub waits for."""


class DataCache:
    """A D$, of any design, seen from the hub.

    Attributes
    ----------
    permission, copy, written : of the watched line and word.
    writes, value : it writes that word in this cycle.
    owes, probed, cap : a probe was taken and its answer has not been sent to the end.
    sending, beat, message, of_watched : a message of several beats has begun.
    begins, ends, voluntary : the first or last beat of a message, or a voluntary Release, is taken.
    unacknowledged, released : a voluntary Release has no answer yet.
    may_release : it has acquired a line since its last voluntary Release.
    """

    def __init__(self, bench: Bench, number: int, client, *, watched, word, acquiring):
        m = bench.m
        name = f"d{number}_"
        self.client = client
        self.permission = Signal(Permission, name=name + "permission")
        self.copy = Signal(64, name=name + "copy")
        self.written = Signal(name=name + "written")
        self.owes = Signal(name=name + "owes")
        self.probed = Signal(56, name=name + "probed")
        self.cap = Signal(Permission, name=name + "cap")
        self.sending = Signal(name=name + "sending")
        self.beat = Signal(range(BEATS + 1), name=name + "beat")
        self.message: Any = Signal(Release, name=name + "message")
        self.unacknowledged = Signal(name=name + "unacknowledged")
        self.released = Signal(56, name=name + "released")
        self.may_release = Signal(init=1, name=name + "may_release")
        release = client.release.payload
        held = self.permission.as_value()
        taken = client.release.valid & client.release.ready
        self.taken = taken
        self.begins = taken & ~self.sending
        self.ends = taken & release.last
        self.voluntary = self.begins & ~release.probe
        self.of_watched = release.address[OFFSET_BITS:] == watched
        self.takes_probe = client.probe.valid & client.probe.ready
        acked = client.grant.valid & client.grant.ready & client.grant.payload.release_ack
        this_beat = Mux(self.sending, self.beat, 0)
        self.may_take_probe = ~self.owes & ~(
            self.unacknowledged & same(self.released, client.probe.payload.address)
        )

        # The shape of a message, and what may be sent at all.
        bench.assume(~taken | (release.last == (~release.has_data | (this_beat == BEATS - 1))))
        bench.assume(~taken | (release.to.as_value() <= Permission.TRUNK.value))
        for field in ("address", "has_data", "probe", "to"):
            kept = same(getattr(release, field), getattr(self.message, field))
            bench.assume(~(taken & self.sending) | kept)
        answers = self.begins & release.probe
        bench.assume(~answers | (self.owes & same(release.address, self.probed)))
        bench.assume(~answers | (release.to.as_value() <= self.cap.as_value()))
        bench.assume(~self.voluntary | ~(self.owes | self.unacknowledged | acquiring))
        bench.assume(~self.voluntary | (self.may_release & (release.to == Permission.NONE)))
        bench.assume(~self.takes_probe | self.may_take_probe)

        # The watched line: written only with Trunk, given back if written, dropped when clean.
        self.writes = bench.anything(1, name + "writes")
        self.value = bench.anything(64, name + "value")
        drops = bench.anything(1, name + "drops")
        begins_here = self.begins & self.of_watched
        bench.assume(~self.writes | ((self.permission == Permission.TRUNK) & ~begins_here))
        bench.assume(~drops | ~(self.written | begins_here))
        bench.assume(~begins_here | (release.to.as_value() <= held))
        bench.assume(~begins_here | ~release.has_data | (self.permission == Permission.TRUNK))
        bench.assume(~begins_here | release.has_data | ~self.written)
        carries = taken & self.of_watched & release.has_data & (this_beat == word)
        bench.assume(~carries | (release.data == self.copy))

        with m.If(self.takes_probe):
            m.d.sync += [
                self.owes.eq(1),
                self.probed.eq(client.probe.payload.address),
                self.cap.eq(client.probe.payload.to),
            ]
        with m.Elif(self.ends & release.probe):
            m.d.sync += self.owes.eq(0)
        with m.If(taken):
            m.d.sync += [self.sending.eq(~release.last), self.beat.eq(this_beat + 1)]
            m.d.sync += self.message.eq(release)
        with m.If(self.voluntary):
            m.d.sync += [
                self.unacknowledged.eq(1),
                self.released.eq(release.address),
                self.may_release.eq(0),
            ]
        with m.Elif(acked):
            m.d.sync += self.unacknowledged.eq(0)
        with m.If(begins_here):
            m.d.sync += [self.permission.eq(release.to), self.written.eq(0)]
        with m.Elif(self.writes):
            m.d.sync += [self.copy.eq(self.value), self.written.eq(1)]
        with m.Elif(drops):
            m.d.sync += self.permission.eq(Permission.NONE)

    def gets(self, bench: Bench, beat, data, last, to) -> None:
        """A beat of the watched line's grant is taken; `beat`: it is that of the watched word."""
        with bench.m.If(beat):
            bench.m.d.sync += self.copy.eq(data)
        with bench.m.If(last):
            bench.m.d.sync += self.permission.eq(to)


class World:
    """Clients and DRAM around a hub.

    Attributes
    ----------
    watched, word : number of the watched line, and which of its beats.
    truth : what the watched word was last written with.
    dcaches : list of DataCache
    active, client, address, to, granted : an Acquire was taken whose GrantAck has not come: whose
        (one-hot), and how many of its beats were taken.
    acquired, acknowledged : it is taken, it is over.
    reading, arrived : DRAM has been asked for a line, and so many of its beats came.
    memory : the watched word in DRAM.
    writing, write_line, sent, pending : a write is under way, so many of its beats were sent; what
        it brings for the watched word.
    writer, answers : whose message is being written, and whether it answers a probe.
    event, waits : something moved in this cycle; the hub waits for its surroundings.
    """

    def __init__(self, bench: Bench, hub: Hub):
        m = bench.m
        bench.free(hub)
        self.dram = hub.dram
        clients = self.clients = hub.clients
        count = len(clients)
        self.watched = bench.constant(56 - OFFSET_BITS, "watched")
        self.word = bench.constant((BEATS - 1).bit_length(), "word")
        self.truth = Signal(64)
        self.active = Signal()
        self.client = Signal(count)
        self.address = Signal(56)
        self.to = Signal(Permission)
        self.granted = Signal(range(BEATS + 1))
        asks = Cat(client.acquire.valid for client in clients)
        takes = Cat(client.acquire.valid & client.acquire.ready for client in clients)
        self.asks, self.takes = asks, takes
        self.acquired = takes.any()
        over = self.active & (self.granted == BEATS)
        acks = Cat(client.grant_ack for client in clients)
        bench.assume(~acks.any() | (over & (acks == self.client)))
        self.acknowledged = acks.any()
        self.dcaches = [
            DataCache(
                bench,
                hart,
                clients[2 * hart],
                watched=self.watched,
                word=self.word,
                acquiring=self.active & self.client[2 * hart],
            )
            for hart in range(HARTS)
        ]
        self.here = self.active & (self.address[OFFSET_BITS:] == self.watched)

        beats = Cat(
            client.grant.valid & client.grant.ready & ~client.grant.payload.release_ack
            for client in clients
        )
        self.beats = beats
        for number, client in enumerate(clients):
            acquire, is_dcache = client.acquire.payload, number % 2 == 0
            mine = self.active & self.client[number]
            bench.assume(~client.acquire.valid | ~mine)
            wanted = (Permission.BRANCH, Permission.TRUNK) if is_dcache else (Permission.NONE,)
            legal = Cat(acquire.to == one for one in wanted).any()
            bench.assume(~client.acquire.valid | legal)
            with m.If(takes[number]):
                m.d.sync += [self.address.eq(acquire.address), self.to.eq(acquire.to)]
        with m.If(self.acquired):
            m.d.sync += [self.active.eq(1), self.client.eq(takes), self.granted.eq(0)]
        with m.Elif(self.acknowledged):
            m.d.sync += self.active.eq(0)
        with m.If(beats.any()):
            m.d.sync += self.granted.eq(self.granted + 1)

        for hart, dcache in enumerate(self.dcaches):
            acquire, grant = clients[2 * hart].acquire, clients[2 * hart].grant.payload
            asked_here = takes[2 * hart] & (acquire.payload.address[OFFSET_BITS:] == self.watched)
            released = dcache.unacknowledged & same(dcache.released, acquire.payload.address)
            # What it acquires it neither holds nor is giving back.
            bench.assume(~asked_here | (dcache.permission == Permission.NONE))
            bench.assume(~takes[2 * hart] | ~(released | (dcache.sending & ~dcache.message.probe)))
            mine = beats[2 * hart] & self.here
            dcache.gets(
                bench,
                mine & (self.granted == self.word),
                grant.data,
                mine & (self.granted == BEATS - 1),
                grant.to,
            )
            with m.If(self.acknowledged & self.client[2 * hart]):
                m.d.sync += dcache.may_release.eq(1)
            with m.If(dcache.writes):
                m.d.sync += self.truth.eq(dcache.value)

        self._dram(bench)
        self._events(bench)

    def _dram(self, bench: Bench) -> None:
        """A read returns what memory holds, a write is performed when it is done."""
        m, dram = bench.m, self.dram
        self.memory = Signal(64)
        self.reading = Signal()
        self.read_line = Signal(56)
        self.arrived = Signal(range(BEATS + 1))
        self.writing = Signal()
        self.write_line = Signal(56)
        self.sent = Signal(range(BEATS + 1))
        self.pending = Signal(64)
        self.writer = Signal(HARTS)
        self.answers = Signal()
        self.asks_read = dram.request & ~dram.write
        self.asks_write = dram.request & dram.write
        bench.assume(~dram.read_valid | self.reading)
        wanted = (self.read_line[OFFSET_BITS:] == self.watched) & (self.arrived == self.word)
        bench.assume(~(dram.read_valid & wanted) | (dram.read_data == self.memory))
        bench.assume(~dram.write_done | (self.writing & (self.sent == BEATS)))
        with m.If(self.asks_read):
            m.d.sync += [self.reading.eq(1), self.arrived.eq(0), self.read_line.eq(dram.address)]
        with m.If(dram.read_valid):
            m.d.sync += [
                self.arrived.eq(self.arrived + 1),
                self.reading.eq(self.arrived != BEATS - 1),
            ]
        beat = Mux(self.writing, self.sent, 0)
        begins = Cat(dcache.begins for dcache in self.dcaches)
        answers = Cat(
            dcache.begins & dcache.client.release.payload.probe for dcache in self.dcaches
        ).any()
        with m.If(begins.any()):
            m.d.sync += [self.writer.eq(begins), self.answers.eq(answers)]
        with m.If(self.asks_write):
            m.d.sync += [self.writing.eq(1), self.write_line.eq(dram.address)]
        with m.Elif(dram.write_done):
            m.d.sync += self.writing.eq(0)
        with m.If(dram.write_valid):
            m.d.sync += self.sent.eq(beat + 1)
            with m.If(beat == self.word):
                m.d.sync += self.pending.eq(dram.write_data)
        with m.If(dram.write_done & (self.write_line[OFFSET_BITS:] == self.watched)):
            m.d.sync += self.memory.eq(self.pending)

    def _events(self, bench: Bench) -> None:
        """Something that the hub waits for happens within `PATIENCE` cycles."""
        dram, moved, waits = self.dram, [], []
        for client in self.clients:
            moved += [client.grant.valid & client.grant.ready]
            waits += [client.grant.valid]
        for dcache in self.dcaches:
            moved += [dcache.takes_probe, dcache.taken]
            waits += [
                dcache.client.probe.valid & dcache.may_take_probe,
                (dcache.owes | dcache.sending) & ~dcache.client.release.valid,
            ]
        moved += [dram.request, dram.read_valid, dram.write_done, self.acknowledged, self.acquired]
        waits += [
            self.reading,
            self.writing & (self.sent == BEATS),
            self.active & (self.granted == BEATS),
        ]
        self.event = Signal()
        self.waits = Signal()
        self.waited = Signal(range(PATIENCE + 2))
        bench.m.d.comb += [self.event.eq(Cat(*moved).any()), self.waits.eq(Cat(*waits).any())]
        idle = self.waits & ~self.event
        bench.m.d.sync += self.waited.eq(Mux(idle, self.waited + 1, 0))
        bench.assume(~idle | (self.waited < PATIENCE))
        bench.invariant("patience", self.waited <= PATIENCE)
