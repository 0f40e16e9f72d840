"""Broadcast coherence hub between the first-level caches and DRAM.

It knows nothing of what the caches hold: every Acquire probes all other D$s, written data goes to
DRAM, and the line is read from there. There is no transfer from cache to cache and no directory,
as in Rocket's TLBroadcast.
"""

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.fifo import SyncFIFO
from amaranth.lib.wiring import In, Out, connect, flipped

from rtl.onehot import round_robin, select

from .bus import BEAT_BYTES, CoherentBusSignature, DramSignature, Permission
from .hub_writer import HubWriter


class Hub(wiring.Component):
    """One Acquire at a time, from its probes to its GrantAck; Releases are served all the time.

    An Acquire of Branch is granted Trunk when nobody else keeps a copy. An Acquire of None (the
    I$'s uncached read) leaves the others with Branch. Timing without probes: Acquire taken in
    cycle t, DRAM asked in t + 2; a beat of DRAM is granted one cycle after it arrives. Probing
    a clean or absent line adds 3 cycles.

    Parameters
    ----------
    harts : int
    line_bytes : int

    Members
    -------
    clients : In(CoherentBusSignature()).array(2 * harts)
        The D$ of hart h is client 2h, its I$ client 2h + 1.
    dram : Out(DramSignature())
        `source` is the number of the client that a read is for; 0 for a write, which has the
        `source` space to itself. At most one read and one write are under way.
    """

    clients: Any
    dram: Any

    def __init__(self, harts: int, line_bytes: int):
        self._harts = harts
        self._beats = line_bytes // BEAT_BYTES
        super().__init__(
            {
                "clients": In(CoherentBusSignature()).array(2 * harts),
                "dram": Out(DramSignature()),
            }
        )

    def elaborate(self, platform):
        m = Module()
        dram = self.dram
        dcaches = self.clients[0::2]
        m.submodules.writer = writer = HubWriter(self._harts)
        m.submodules.line_buffer = line_buffer = SyncFIFO(width=64, depth=self._beats)
        for dcache, release in zip(dcaches, writer.releases, strict=True):
            connect(m, flipped(dcache.release), release)

        count = len(self.clients)
        acquires = [client.acquire for client in self.clients]
        chosen = Signal(count)
        client = Signal(count)
        address = Signal(56)
        to = Signal(Permission)
        shared = Signal()
        unsent = Signal(self._harts)
        unanswered = Signal(self._harts)
        idle = Signal()
        probing = Signal()
        reading = Signal()
        granting = Signal()
        burst_done = Signal()
        acknowledged = Signal()
        m.d.comb += [
            chosen.eq(round_robin(Cat(acquire.valid for acquire in acquires), after=client)),
            acknowledged.eq((client & Cat(port.grant_ack for port in self.clients)).any()),
        ]

        with m.FSM(name="hub_state"):
            with m.State("IDLE"):
                m.d.comb += idle.eq(1)
                with m.If(chosen.any()):
                    m.d.sync += [
                        client.eq(chosen),
                        address.eq(select(chosen, [a.payload.address for a in acquires])),
                        to.eq(select(chosen, [a.payload.to.as_value() for a in acquires])),
                        unsent.eq(~chosen[0::2]),
                        unanswered.eq(~chosen[0::2]),
                        shared.eq(0),
                    ]
                    m.next = "PROBE"
            with m.State("PROBE"):
                m.d.comb += probing.eq(1)
                m.d.sync += [
                    unsent.eq(unsent & ~Cat(dcache.probe.ready for dcache in dcaches)),
                    unanswered.eq(unanswered & ~writer.probe_ack),
                    shared.eq(shared | writer.probe_ack_shared),
                ]
                with m.If(~unanswered.any()):
                    m.next = "READ"
            with m.State("READ"):
                m.d.comb += reading.eq(1)
                m.next = "GRANT"
            with m.State("GRANT"):
                m.d.comb += granting.eq(1)
                with m.If(burst_done):
                    m.next = "ACKNOWLEDGE"
            with m.State("ACKNOWLEDGE"), m.If(acknowledged):
                m.next = "IDLE"

        for port, ready in zip(acquires, chosen, strict=True):
            m.d.comb += port.ready.eq(idle & ready)
        cap = Mux(to == Permission.TRUNK, Permission.NONE, Permission.BRANCH)
        for dcache, waits in zip(dcaches, unsent, strict=True):
            m.d.comb += [
                dcache.probe.valid.eq(probing & waits),
                dcache.probe.payload.address.eq(address),
                dcache.probe.payload.to.eq(cap),
            ]

        m.d.comb += [
            writer.enable.eq(~reading),
            writer.write_done.eq(dram.write_done),
            dram.request.eq(reading | writer.request),
            dram.write.eq(writer.request),
            dram.address.eq(Mux(reading, address, writer.address)),
            dram.source.eq(
                select(client, [Const(number, 4) for number in range(count)]) & reading.replicate(4)
            ),
            dram.write_valid.eq(writer.write_valid),
            dram.write_data.eq(writer.write_data),
            line_buffer.w_en.eq(dram.read_valid),
            line_buffer.w_data.eq(dram.read_data),
        ]

        # Channel D: the beats of a Grant stay together; a ReleaseAck goes before or after them.
        beat = Signal(range(self._beats))
        in_burst = Signal()
        offers_ack = Signal()
        offers_beat = Signal()
        last_beat = Signal()
        ready = Cat(port.grant.ready for port in self.clients)
        release_ack = Cat(bit for ack in writer.release_ack for bit in (ack, Const(0, 1)))
        m.d.comb += [
            offers_ack.eq(release_ack.any() & ~in_burst),
            offers_beat.eq(granting & line_buffer.r_rdy & ~offers_ack),
            last_beat.eq(beat == self._beats - 1),
            line_buffer.r_en.eq(offers_beat & (client & ready).any()),
            burst_done.eq(line_buffer.r_en & last_beat),
            writer.release_ack_taken.eq(offers_ack & (release_ack & ready).any()),
        ]
        with m.If(offers_beat):
            m.d.sync += in_burst.eq(~burst_done)
        with m.If(line_buffer.r_en):
            m.d.sync += beat.eq(beat + 1)
        granted = Mux(
            to == Permission.NONE,
            Permission.NONE,
            Mux((to == Permission.BRANCH) & shared, Permission.BRANCH, Permission.TRUNK),
        )
        for port, is_client, gets_ack in zip(self.clients, client, release_ack, strict=True):
            m.d.comb += [
                port.grant.valid.eq(offers_beat & is_client | offers_ack & gets_ack),
                port.grant.payload.data.eq(line_buffer.r_data),
                port.grant.payload.last.eq(offers_ack | last_beat),
                port.grant.payload.release_ack.eq(offers_ack),
                port.grant.payload.to.eq(granted),
            ]
        return m
