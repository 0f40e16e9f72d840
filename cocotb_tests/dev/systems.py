"""The devices behind their router, as in the machine, for two harts."""

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from rtl.dev.aclint import Aclint
from rtl.dev.address_map import ACLINT, FINISHER, SSWI, UART
from rtl.dev.finisher import Finisher
from rtl.dev.sswi import Sswi
from rtl.dev.uart import Uart
from rtl.mem.mmio import MmioRouter
from rtl.mem.ports import MmioPortSignature

HARTS = 2
CYCLES_PER_TICK = 10


class DeviceSystem(wiring.Component):
    """Members: `harts`, `latency`, `refuse` of the router, and what the devices tell the world."""

    harts: Any
    latency: Signal
    refuse: Signal
    msip: Signal
    mtip: Signal
    set_ssip: Signal
    mtime: Signal
    uart_valid: Signal
    uart_data: Signal
    finisher_valid: Signal
    finisher_value: Signal

    def __init__(self):
        super().__init__(
            {
                "harts": In(MmioPortSignature()).array(HARTS),
                "latency": In(8),
                "refuse": In(HARTS),
                "msip": Out(HARTS),
                "mtip": Out(HARTS),
                "set_ssip": Out(HARTS),
                "mtime": Out(64),
                "uart_valid": Out(1),
                "uart_data": Out(8),
                "finisher_valid": Out(1),
                "finisher_value": Out(32),
            }
        )

    def elaborate(self, _platform):
        m = Module()
        m.submodules.router = router = MmioRouter(HARTS, (ACLINT, SSWI, UART, FINISHER))
        m.submodules.aclint = aclint = Aclint(HARTS, CYCLES_PER_TICK)
        m.submodules.sswi = sswi = Sswi(HARTS)
        m.submodules.uart = uart = Uart()
        m.submodules.finisher = finisher = Finisher()
        for outer, inner in zip(self.harts, router.harts, strict=True):
            connect(m, flipped(outer), inner)
        for port, device in zip(router.devices, (aclint, sswi, uart, finisher), strict=True):
            connect(m, port, device.port)
        m.d.comb += [
            router.latency.eq(self.latency),
            router.refuse.eq(self.refuse),
            self.msip.eq(aclint.msip),
            self.mtip.eq(aclint.mtip),
            self.set_ssip.eq(sswi.set_ssip),
            self.mtime.eq(aclint.mtime),
            self.uart_valid.eq(uart.valid),
            self.uart_data.eq(uart.data),
            self.finisher_valid.eq(finisher.valid),
            self.finisher_value.eq(finisher.value),
        ]
        return m
