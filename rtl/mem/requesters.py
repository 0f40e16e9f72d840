"""Front of the D$: which requester is at s0, and what the one accepted there does in s1."""

from typing import Any

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from rtl.onehot import round_robin, select

from .ports import DCachePortSignature, MemoryCommand


class RequesterMux(wiring.Component):
    """Joins the ports of the D$ to one access in s0 and one in s1.

    Ports are served by turns: the next one that asks after the one that was accepted last.

    Members
    -------
    ports : In(DCachePortSignature()).array(count)
    refuse : In(count)
        This port is not accepted at s0 now, see `rtl.mem.stall`.
    s0_free : In(1)
        An access may be accepted now.
    s0_evicts : In(1)
        The reason why none may is that a line is written back.
    s0_reads : Out(1)
        The access that is next to be accepted takes data out of the cache.
    s0_accept : Out(1), s0_index : Out(12)
    s1_requester : Out(count)
        Whose access was accepted in the last cycle, one-hot.
    s1_valid, s1_command, s1_paddr, s1_size, s1_wdata : Out
        The access accepted in the last cycle; the address is zero if there was none.
    s1_done, s1_replay, s1_rdata, s1_wresult : In
    miss_pending : In(1)
        A line is on its way.
    """

    ports: Any
    refuse: Signal
    s0_free: Signal
    s0_evicts: Signal
    s0_reads: Signal
    s0_accept: Signal
    s0_index: Signal
    s1_requester: Signal
    s1_valid: Signal
    s1_command: Signal
    s1_paddr: Signal
    s1_size: Signal
    s1_wdata: Signal
    s1_done: Signal
    s1_replay: Signal
    s1_rdata: Signal
    s1_wresult: Signal
    miss_pending: Signal

    def __init__(self, count: int):
        self._count = count
        super().__init__(
            {
                "ports": In(DCachePortSignature()).array(count),
                "refuse": In(count),
                "s0_free": In(1),
                "s0_evicts": In(1),
                "s0_reads": Out(1),
                "s0_accept": Out(1),
                "s0_index": Out(12),
                "s1_requester": Out(count),
                "s1_valid": Out(1),
                "s1_command": Out(MemoryCommand),
                "s1_paddr": Out(56),
                "s1_size": Out(2),
                "s1_wdata": Out(64),
                "s1_done": In(1),
                "s1_replay": In(1),
                "s1_rdata": In(64),
                "s1_wresult": In(64),
                "miss_pending": In(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        ports = self.ports
        s0_grant = Signal(self._count)
        s1_grant = self.s1_requester
        s0_wanted = Signal(self._count)
        s0_chosen = Signal(self._count)
        last = Signal(self._count)
        m.d.comb += [
            s0_wanted.eq(Cat(port.s0_valid for port in ports) & ~self.refuse),
            s0_chosen.eq(round_robin(s0_wanted, after=last)),
            s0_grant.eq(s0_chosen & self.s0_free.replicate(self._count)),
            self.s0_reads.eq((s0_chosen & Cat(port.s0_reads for port in ports)).any()),
            self.s0_accept.eq(s0_grant.any()),
            self.s0_index.eq(select(s0_grant, [port.s0_index for port in ports])),
        ]
        m.d.sync += s1_grant.eq(s0_grant)
        with m.If(self.s0_accept):
            m.d.sync += last.eq(s0_grant)

        def in_s1(field: str):
            return select(s1_grant, [getattr(port, field) for port in ports])

        m.d.comb += [
            self.s1_valid.eq(in_s1("s1_valid")),
            self.s1_command.eq(select(s1_grant, [port.s1_command.as_value() for port in ports])),
            self.s1_paddr.eq(in_s1("s1_paddr")),
            self.s1_size.eq(in_s1("s1_size")),
            self.s1_wdata.eq(in_s1("s1_wdata")),
        ]
        for port, chosen, granted in zip(ports, s0_chosen, s1_grant, strict=True):
            refused = Signal(name="refused")
            m.d.comb += [
                port.s0_ready.eq(self.s0_free & chosen),
                port.s1_done.eq(self.s1_done & granted),
                port.s0_evicts.eq(self.s0_evicts),
                port.s1_replay.eq(self.s1_replay & granted),
                port.s1_rdata.eq(self.s1_rdata),
                port.s1_wresult.eq(self.s1_wresult),
                refused.eq(port.s0_valid & ~port.s0_ready),
                port.busy_miss.eq(self.miss_pending),
                port.busy_port.eq(
                    ~self.miss_pending & (refused | granted & port.s1_valid & ~self.s1_done)
                ),
            ]
        return m
