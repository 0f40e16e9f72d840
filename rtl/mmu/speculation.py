"""Which translations the walker looks for though nobody asked: claim H5."""

from amaranth.hdl import Const, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from rtl.isa.privilege import Privilege, TranslationContext

from .ports import AccessType
from .virtual_address import VPN_BITS
from .walker import WalkRequest

_FEEDBACK = 0x8020_0003
"""Taps 32, 22, 2 and 1: a Galois shift register of maximal length."""

NEIGHBOUR_BITS = 4
"""Within the 16 pages around the page that was used last."""
MOMENT_BITS = 3
"""One cycle of 8, on average."""


class Speculation(wiring.Component):
    """Asks for walks near the last page that S-mode used for data, while S-mode uses data.

    That is the mode of loads and stores, mstatus.MPRV applied.

    The privileged specification lets an implementation walk for any address at any time with the
    page tables that satp points to now, and use the result until a fence covers it. With seed 0
    nothing here changes.

    Members
    -------
    seed : In(32)
        Strap.
    context : In(TranslationContext)
        Of the data side now, whether it asks for a translation or not; ASID as TLBs match it.
    used : In(1), vpn : In(27)
        A load or store is translated in this cycle.
    valid : Out(1), request : Out(WalkRequest)
    """

    seed: In(32)
    context: In(TranslationContext)
    used: In(1)
    vpn: In(VPN_BITS)
    valid: Out(1)
    request: Out(WalkRequest)

    def elaborate(self, platform) -> Module:
        m = Module()
        state = Signal(32)
        page = Signal(VPN_BITS)
        known = Signal()
        with m.If(self.seed != 0):
            step = (state >> 1) ^ Mux(state[0], Const(_FEEDBACK, 32), 0)
            in_s_mode = self.context.translate & (self.context.privilege == Privilege.S)
            m.d.sync += state.eq(Mux(state == 0, self.seed, step))
            with m.If(self.used & in_s_mode):
                m.d.sync += [page.eq(self.vpn), known.eq(1)]
            moment = ~state[-MOMENT_BITS:].any()
            m.d.comb += [
                self.valid.eq(known & in_s_mode & moment),
                self.request.offset.eq(0),
                self.request.vpn.eq(page ^ state[:NEIGHBOUR_BITS]),
                self.request.access.eq(AccessType.LOAD),
                self.request.context.eq(self.context),
                # It never sets A: a leaf that has it clear is left alone.
                self.request.context.hardware_ad_update.eq(0),
            ]
        return m
