"""Random stalls: what a port or bus refuses although it could go on, to test who waits for it."""

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

BUS_CHANNELS = 4
"""Acquire, Release, Probe and Grant; a GrantAck cannot be refused."""

_LONG_BITS = 5


class StallSource(wiring.Component):
    """Decides in every cycle which ports refuse: each one at random a quarter of the time, and now
    and then one of them for up to 32 cycles on end.

    The state is Marsaglia's xorshift64 (J. Stat. Soft. 8:14, 2003), of which zero is a fixed point:
    with `seed` zero nothing toggles and nothing is refused. Different bits of the state serve
    different ports, so that what they refuse is not related.

    Parameters
    ----------
    ports : int
        At most 24.

    Members
    -------
    seed : In(32)
        Looked at until it is not zero.
    salt : In(16)
        Sources with one seed and different salts decide differently.
    refuse : Out(ports)
        Constant for a cycle: a register.
    """

    seed: Signal
    salt: Signal
    refuse: Signal

    def __init__(self, ports: int):
        if not 1 <= ports <= 24:
            raise ValueError(f"{ports} ports: a stall source has random bits for 1 to 24")
        self._ports = ports
        super().__init__({"seed": In(32), "salt": In(16), "refuse": Out(ports)})

    def elaborate(self, platform):
        m = Module()
        ports = self._ports
        state = Signal(64)
        running = Signal()
        long_port = Signal(ports)
        long_left = Signal(_LONG_BITS)
        m.d.comb += running.eq(state.any())
        with m.If(running):
            first = Signal(64)
            second = Signal(64)
            m.d.comb += [
                first.eq(state ^ Cat(Const(0, 13), state[:-13])),
                second.eq(first ^ first[7:]),
            ]
            m.d.sync += state.eq(second ^ Cat(Const(0, 17), second[:-17]))
            # Bits 0 to 47 for the short refusals, the others for the long ones.
            short = state[:ports] & state[24 : 24 + ports]
            number = (state[48:56] * ports)[8:]
            m.d.sync += self.refuse.eq(short | Mux(long_left.any(), long_port, 0))
            with m.If(long_left.any()):
                m.d.sync += long_left.eq(long_left - 1)
            with m.Elif(state[56:62] == 0):
                m.d.sync += [
                    long_port.eq(Cat(number == port for port in range(ports))),
                    long_left.eq(state[:_LONG_BITS]),
                ]
        with m.Elif(self.seed.any()):
            m.d.sync += state.eq(Cat(self.seed, self.seed ^ self.salt))
        return m


def connect_stalling_bus(m: Module, client, hub, refuse: Value) -> None:
    """Connect a client of the hub: where `refuse` is set neither side sees the other's channel.

    `client` and `hub` are of `CoherentBusSignature`, seen from either side; `refuse` has
    `BUS_CHANNELS` bits.
    """
    channels = (
        (client.acquire, hub.acquire),
        (client.release, hub.release),
        (hub.probe, client.probe),
        (hub.grant, client.grant),
    )
    for (source, sink), refused in zip(channels, refuse, strict=True):
        m.d.comb += [
            sink.payload.eq(source.payload),
            sink.valid.eq(source.valid & ~refused),
            source.ready.eq(sink.ready & ~refused),
        ]
    m.d.comb += hub.grant_ack.eq(client.grant_ack)
