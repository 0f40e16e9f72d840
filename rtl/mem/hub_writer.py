"""Channel C of the hub: takes Releases and ProbeAcks, and writes the data they bring to DRAM."""

from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from rtl.onehot import lowest, select

from .bus import Release


class HubWriter(wiring.Component):
    """One message at a time; the next is taken when DRAM has performed the write of the last.

    An answer waits for DRAM too. It follows that no line is read while it is being written: the
    client that wrote it may neither answer a probe of it nor acquire it before it has its answer.

    Members
    -------
    releases : In(stream(Release)).array(clients)
    enable : In(1)
        A new message may be taken: DRAM's address is free.
    request, address, write_valid, write_data : Out, write_done : In(1)
        As in `DramSignature`, writes only.
    probe_ack : Out(clients), probe_ack_shared : Out(1)
        ProbeAck from this client is complete, its data in DRAM; the client keeps a copy.
    release_ack : Out(clients), release_ack_taken : In(1)
        The voluntary Release of this client is performed and wants its answer.
    """

    releases: Any
    enable: Signal
    request: Signal
    address: Signal
    write_valid: Signal
    write_data: Signal
    write_done: Signal
    probe_ack: Signal
    probe_ack_shared: Signal
    release_ack: Signal
    release_ack_taken: Signal

    def __init__(self, clients: int):
        self._clients = clients
        super().__init__(
            {
                "releases": In(stream.Signature(Release)).array(clients),
                "enable": In(1),
                "request": Out(1),
                "address": Out(56),
                "write_valid": Out(1),
                "write_data": Out(64),
                "write_done": In(1),
                "probe_ack": Out(clients),
                "probe_ack_shared": Out(1),
                "release_ack": Out(clients),
                "release_ack_taken": In(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        messages = [release.payload for release in self.releases]
        offered = Cat(release.valid for release in self.releases)
        idle = Signal()
        arriving = Signal()
        client = Signal(self._clients)
        chosen = Signal(self._clients)
        accept = Signal(self._clients)
        taken = Signal()
        has_data = Signal()
        last = Signal()
        shared = Signal()
        probe = Signal()
        was_probe = Signal()
        was_shared = Signal()
        m.d.comb += [
            chosen.eq(Mux(idle, lowest(offered), client)),
            accept.eq(chosen & (idle & self.enable | arriving).replicate(self._clients)),
            taken.eq((accept & offered).any()),
            has_data.eq(select(chosen, [message.has_data for message in messages])),
            last.eq(select(chosen, [message.last for message in messages])),
            probe.eq(select(chosen, [message.probe for message in messages])),
            shared.eq(select(chosen, [message.to.as_value().any() for message in messages])),
            self.request.eq(idle & taken & has_data),
            self.address.eq(select(chosen, [message.address for message in messages])),
            self.write_valid.eq(taken & has_data),
            self.write_data.eq(select(chosen, [message.data for message in messages])),
        ]
        for release, ready in zip(self.releases, accept, strict=True):
            m.d.comb += release.ready.eq(ready)

        with m.FSM(name="writer_state"):
            with m.State("IDLE"):
                m.d.comb += idle.eq(1)
                with m.If(taken):
                    m.d.sync += [
                        client.eq(chosen),
                        was_probe.eq(probe),
                        was_shared.eq(shared),
                    ]
                    with m.If(has_data):
                        m.next = "DATA"
                    with m.Elif(probe):
                        m.d.comb += [self.probe_ack.eq(chosen), self.probe_ack_shared.eq(shared)]
                    with m.Else():
                        m.next = "ANSWER"
            with m.State("DATA"):
                m.d.comb += arriving.eq(1)
                with m.If(taken & last):
                    m.next = "WRITE"
            with m.State("WRITE"), m.If(self.write_done):
                with m.If(was_probe):
                    m.d.comb += [self.probe_ack.eq(client), self.probe_ack_shared.eq(was_shared)]
                    m.next = "IDLE"
                with m.Else():
                    m.next = "ANSWER"
            with m.State("ANSWER"):
                m.d.comb += self.release_ack.eq(client)
                with m.If(self.release_ack_taken):
                    m.next = "IDLE"
        return m
