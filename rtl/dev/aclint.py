"""ACLINT: machine software interrupts (MSWI) and the machine timer (MTIMER) of all harts.

Source: RISC-V Advanced Core Local Interruptor specification 1.0, chapters 2 and 3, laid out like
the SiFive CLINT that it is compatible with.
"""

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from rtl.onehot import select

from .port import DevicePortSignature

MSIP_OFFSET = 0x0000
MTIMECMP_OFFSET = 0x4000
MTIME_OFFSET = 0xBFF8


class Aclint(wiring.Component):
    """msip (4 bytes for each hart), mtimecmp (8 bytes for each hart) and mtime.

    msip takes accesses of 4 bytes, the 64-bit registers of 8, or of 4 to either half. `mtimecmp`
    resets to its largest value, so that no timer interrupt is pending.

    Parameters
    ----------
    harts : int
    cycles_per_tick : int
        `mtime` counts once in this many cycles.

    Members
    -------
    port : In(DevicePortSignature())
    msip, mtip : Out(harts)
        Interrupts, one bit for each hart; mtip one cycle after `mtime` reaches `mtimecmp`.
    mtime : Out(64)
    """

    port: Any
    msip: Signal
    mtip: Signal
    mtime: Signal

    def __init__(self, harts: int, cycles_per_tick: int):
        self._harts = harts
        self._cycles_per_tick = cycles_per_tick
        super().__init__(
            {
                "port": In(DevicePortSignature()),
                "msip": Out(harts),
                "mtip": Out(harts),
                "mtime": Out(64),
            }
        )

    def elaborate(self, platform):
        m = Module()
        port = self.port
        write = Signal()
        is_word = Signal()
        is_double = Signal()
        m.d.comb += [
            is_word.eq(port.size == 2),
            is_double.eq(port.size == 3),
            write.eq(port.valid & port.write & ~port.error),
        ]

        cycle = Signal(range(self._cycles_per_tick))
        tick = Signal()
        m.d.comb += tick.eq(cycle == self._cycles_per_tick - 1)
        m.d.sync += cycle.eq(Mux(tick, 0, cycle + 1))
        with m.If(tick):
            m.d.sync += self.mtime.eq(self.mtime + 1)

        def write_half_or_all(register: Signal, selected: Value):
            """A 64-bit register is written whole, or the half that bit 2 of the offset names."""
            high = port.offset[2]
            with m.If(selected & write & (is_double | ~high)):
                m.d.sync += register[:32].eq(port.wdata[:32])
            with m.If(selected & write & (is_double | high)):
                m.d.sync += register[32:].eq(Mux(is_double, port.wdata[32:], port.wdata[:32]))

        doubles = [(MTIME_OFFSET, self.mtime)]
        msip_selected = Signal(self._harts)
        for hart in range(self._harts):
            m.d.comb += msip_selected[hart].eq(is_word & (port.offset == MSIP_OFFSET + 4 * hart))
            with m.If(msip_selected[hart] & write):
                m.d.sync += self.msip[hart].eq(port.wdata[0])
            mtimecmp = Signal(64, name=f"mtimecmp{hart}", init=2**64 - 1)
            doubles.append((MTIMECMP_OFFSET + 8 * hart, mtimecmp))
            m.d.sync += self.mtip[hart].eq(self.mtime >= mtimecmp)

        double_selected = Signal(len(doubles))
        for selected, (offset, register) in zip(double_selected, doubles, strict=True):
            m.d.comb += selected.eq((port.offset[3:] == offset >> 3) & (is_double | is_word))
            write_half_or_all(register, selected)

        double = Signal(64)
        high_half = Const(0, 32)
        m.d.comb += [
            double.eq(select(double_selected, [register for _, register in doubles])),
            port.error.eq(~(msip_selected.any() | double_selected.any())),
            port.rdata.eq(
                Mux(is_word & port.offset[2], Cat(double[32:], high_half), double)
                | (msip_selected & self.msip).any()
            ),
        ]
        return m
