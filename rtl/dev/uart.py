"""UART: the part of a 16550 that a driver needs to find it and to print.

The transmitter is infinitely fast and there is no receiver: a written byte leaves in the same
cycle, the line status always says empty. Source: National Semiconductor PC16550D data sheet.
"""

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .port import DevicePortSignature

LSR_TRANSMITTER_EMPTY = 0x60
"""Holding register and shift register are empty; nothing was received."""


class Uart(wiring.Component):
    """Eight byte registers at offsets 0 to 7, each accessed with 1 byte.

    Members
    -------
    port : In(DevicePortSignature())
    valid : Out(1), data : Out(8)
        A byte was written to the transmitter in this cycle.
    """

    port: Any
    valid: Signal
    data: Signal

    def __init__(self):
        super().__init__({"port": In(DevicePortSignature()), "valid": Out(1), "data": Out(8)})

    def elaborate(self, platform):
        m = Module()
        port = self.port
        byte = port.wdata[:8]
        interrupt_enable = Signal(4)
        line_control = Signal(8)
        modem_control = Signal(5)
        scratch = Signal(8)
        divisor = Signal(16)
        fifo_enabled = Signal()
        # "Transmitter holding register empty" is the only interrupt there can be; reading its
        # identification clears it.
        transmit_interrupt = Signal()

        access = Signal()
        write = Signal()
        divisor_access = line_control[7]
        m.d.comb += [
            port.error.eq((port.offset[3:] != 0) | (port.size != 0)),
            access.eq(port.valid & ~port.error),
            write.eq(access & port.write),
            self.data.eq(byte),
        ]
        identification = Cat(
            ~(transmit_interrupt & interrupt_enable[1]),
            transmit_interrupt & interrupt_enable[1],
            Const(0, 4),
            fifo_enabled,
            fifo_enabled,
        )
        loopback = modem_control[4]
        # In loopback RTS, DTR, OUT1 and OUT2 come back as CTS, DSR, RI and DCD; else the modem
        # is present: CTS, DSR and DCD are on.
        modem_status = Mux(
            loopback,
            Cat(
                Const(0, 4), modem_control[1], modem_control[0], modem_control[2], modem_control[3]
            ),
            Const(0xB0, 8),
        )

        with m.Switch(port.offset[:3]):
            with m.Case(0):
                m.d.comb += [
                    port.rdata.eq(Mux(divisor_access, divisor[:8], 0)),
                    self.valid.eq(write & ~divisor_access),
                ]
                with m.If(write & divisor_access):
                    m.d.sync += divisor[:8].eq(byte)
                with m.If(self.valid):
                    m.d.sync += transmit_interrupt.eq(1)
            with m.Case(1):
                m.d.comb += port.rdata.eq(Mux(divisor_access, divisor[8:], interrupt_enable))
                with m.If(write & divisor_access):
                    m.d.sync += divisor[8:].eq(byte)
                with m.Elif(write):
                    m.d.sync += interrupt_enable.eq(byte[:4])
                    with m.If(byte[1] & ~interrupt_enable[1]):
                        m.d.sync += transmit_interrupt.eq(1)
            with m.Case(2):
                m.d.comb += port.rdata.eq(identification)
                with m.If(write):
                    m.d.sync += fifo_enabled.eq(byte[0])
                with m.Elif(access & interrupt_enable[1]):
                    m.d.sync += transmit_interrupt.eq(0)
            with m.Case(3):
                m.d.comb += port.rdata.eq(line_control)
                with m.If(write):
                    m.d.sync += line_control.eq(byte)
            with m.Case(4):
                m.d.comb += port.rdata.eq(modem_control)
                with m.If(write):
                    m.d.sync += modem_control.eq(byte[:5])
            with m.Case(5):
                m.d.comb += port.rdata.eq(LSR_TRANSMITTER_EMPTY)
            with m.Case(6):
                m.d.comb += port.rdata.eq(modem_status)
            with m.Case(7):
                m.d.comb += port.rdata.eq(scratch)
                with m.If(write):
                    m.d.sync += scratch.eq(byte)
        return m
