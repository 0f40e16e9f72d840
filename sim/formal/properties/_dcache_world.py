"""Around a D$ in its proof: the hub, which does what `hub` proves of ours, and what is looked at.

One line is watched, an arbitrary constant.
"""

from typing import Any

from amaranth.hdl import Cat, Mux, Signal, Value

from rtl.config import CacheConfig
from rtl.mem.bus import Release
from rtl.mem.geometry import Geometry

from ..harness import Bench

CONFIG = CacheConfig(sets=2, ways=1, line_bytes=16)
GEOMETRY = Geometry(CONFIG)
BEATS, WAYS, SETS = GEOMETRY.beats, GEOMETRY.ways, GEOMETRY.sets
LINE, TAG = GEOMETRY.line_bits, GEOMETRY.tag_bits

NONE, BRANCH, TRUNK, DIRTY = range(4)
"""Permissions, and states of a line."""


class Inside:
    """What the invariants look at; `state` and `hit` of the watched line, by way."""

    def __init__(self, bench: Bench, watched: Value):
        look = bench.inside
        self.refill = look("dcache.refill.refill_state_state", 3)
        self.refill_line = look("dcache.refill.line", LINE)
        self.refill_way = look("dcache.refill.way", WAYS)
        self.refill_to = look("dcache.refill.to", 2)
        self.refill_beat = look("dcache.refill.beat", (BEATS - 1).bit_length())
        self.refill_granted = look("dcache.refill.granted", 2)
        self.probe = look("dcache.probe.probe_state_state", 2)
        self.probe_line = look("dcache.probe.line", LINE)
        self.probe_to = look("dcache.probe.to", 2)
        self.release = look("dcache.release.release_state_state", 1)
        self.release_line = look("dcache.release.line", LINE)
        self.release_has_data = look("dcache.release.has_data", 1)
        self.release_probe = look("dcache.release.probe", 1)
        self.release_to = look("dcache.release.to", 2)
        self.release_beat = look("dcache.release.beat", BEATS.bit_length())
        self.beat_valid = look("dcache.release.beat_valid", 1)
        self.unacknowledged = look("dcache.release.unacknowledged", 1)
        self.s1 = look("dcache.requesters.s1_requester", 1)
        self.tags_read = [look(f"dcache.tags.read_data__{way}", TAG) for way in range(WAYS)]
        self._low = [look(f"dcache.states.low_way{way}", SETS) for way in range(WAYS)]
        self._high = [look(f"dcache.states.high_way{way}", SETS) for way in range(WAYS)]
        self._tags = [
            [look(f"dcache.tags.way{way}[{row}]", TAG) for row in range(SETS)]
            for way in range(WAYS)
        ]
        self.state = [self.state_of(way, watched[0]) for way in range(WAYS)]
        self.hit = [
            self.state[way].any() & (self.tag_of(way, watched[0]) == watched[1:])
            for way in range(WAYS)
        ]

    def state_of(self, way: int, row: Value) -> Value:
        return Mux(
            row,
            Cat(self._low[way][1], self._high[way][1]),
            Cat(self._low[way][0], self._high[way][0]),
        )

    def tag_of(self, way: int, row: Value) -> Value:
        return Mux(row, self._tags[way][1], self._tags[way][0])


class Bus:
    """What has happened on the bus, and what the hub may do next.

    Attributes
    ----------
    permission, written : of the watched line, as the hub knows it, and whether the hart wrote it.
    acquired, line, to, got : an Acquire was taken, its GrantAck has not come; beats so far.
    owes, probed, cap : a probe was taken whose answer has not been sent to the end.
    sending, sent, message : a message has begun, so many of its beats were taken.
    unacknowledged, released, may_release : of a voluntary Release, as in `_hub_world`.
    """

    def __init__(self, bench: Bench, bus, watched: Value):
        m = bench.m
        self.permission = Signal(2)
        self.written = Signal()
        self.acquired = Signal()
        self.line = Signal(LINE)
        self.to = Signal(2)
        self.got = Signal(range(BEATS + 1))
        self.owes = Signal()
        self.probed = Signal(LINE)
        self.cap = Signal(2)
        self.sending = Signal()
        self.sent = Signal(range(BEATS + 1))
        self.message: Any = Signal(Release)
        self.unacknowledged = Signal()
        self.released = Signal(LINE)
        self.may_release = Signal(init=1)
        acquire, offered, release, grant = bus.acquire, bus.probe, bus.release, bus.grant
        self.acquire_line = GEOMETRY.line_of(acquire.payload.address)
        self.release_line = GEOMETRY.line_of(release.payload.address)
        probe_line = GEOMETRY.line_of(offered.payload.address)
        self.takes_acquire = acquire.valid & acquire.ready
        self.takes_probe = offered.valid & offered.ready
        self.takes_release = release.valid & release.ready
        self.begins = self.takes_release & ~self.sending
        self.this_beat = Mux(self.sending, self.sent, 0)
        self.here = self.acquired & (self.line == watched)
        is_ack = grant.payload.release_ack
        beat, acked = grant.valid & ~is_ack, grant.valid & is_ack
        self.last_beat = beat & (self.got == BEATS - 1)

        # One transaction at a time; its answers come before its Grant.
        wanted = self.acquired & (self.got < BEATS) & ~self.owes
        to = grant.payload.to.as_value()
        asked = (to == TRUNK) | ((self.to == BRANCH) & (to == BRANCH))
        bench.assume(~beat | (wanted & asked & (grant.payload.last == (self.got == BEATS - 1))))
        between = self.acquired & (self.got > 0) & (self.got < BEATS)
        bench.assume(~acked | (self.unacknowledged & ~self.sending & ~between))
        bench.assume(~acked | grant.payload.last)
        bench.assume(~offered.valid | ~(self.owes | self.acquired))
        bench.assume(~offered.valid | (offered.payload.to.as_value() <= BRANCH))
        bench.assume(~self.takes_acquire | ~(self.owes | offered.valid))

        with m.If(self.takes_acquire):
            m.d.sync += [
                self.acquired.eq(1),
                self.line.eq(self.acquire_line),
                self.to.eq(acquire.payload.to),
                self.got.eq(0),
                self.may_release.eq(1),
            ]
        with m.Elif(bus.grant_ack):
            m.d.sync += self.acquired.eq(0)
        with m.If(beat):
            m.d.sync += self.got.eq(self.got + 1)
        with m.If(self.takes_probe):
            m.d.sync += [
                self.owes.eq(1),
                self.probed.eq(probe_line),
                self.cap.eq(offered.payload.to),
            ]
        with m.Elif(self.takes_release & release.payload.last & release.payload.probe):
            m.d.sync += self.owes.eq(0)
        with m.If(self.takes_release):
            m.d.sync += [
                self.sending.eq(~release.payload.last),
                self.sent.eq(self.this_beat + 1),
                self.message.eq(release.payload),
            ]
        self.voluntary = self.begins & ~release.payload.probe
        with m.If(self.voluntary):
            m.d.sync += [
                self.unacknowledged.eq(1),
                self.released.eq(self.release_line),
                self.may_release.eq(0),
            ]
        with m.Elif(acked):
            m.d.sync += self.unacknowledged.eq(0)

        self.begins_here = self.begins & (self.release_line == watched)
        self.kept = release.payload.to.as_value()
        self.wrote = Signal()
        with m.If(self.begins_here):
            m.d.sync += [self.permission.eq(release.payload.to), self.written.eq(0)]
        with m.Elif(self.takes_acquire & (self.acquire_line == watched)):
            m.d.sync += self.permission.eq(NONE)
        with m.Elif(self.last_beat & self.here):
            m.d.sync += self.permission.eq(to)
        with m.Elif(self.wrote):
            m.d.sync += self.written.eq(1)
