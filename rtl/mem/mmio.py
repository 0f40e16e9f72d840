"""Routes uncached accesses of the harts to the devices, one at a time."""

from collections.abc import Sequence
from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from rtl.dev.address_map import Region
from rtl.dev.port import DevicePortSignature
from rtl.onehot import round_robin, select

from .ports import MmioPortSignature


class MmioRouter(wiring.Component):
    """An access reaches its device `latency` cycles after it is first seen, and is answered in the
    cycle after that. Stores wait for their answer as loads do.

    An address outside every region, and a register that its device does not have, is an error.

    Parameters
    ----------
    harts : int
    regions : sequence of Region
        One for each device.

    Members
    -------
    harts : In(MmioPortSignature()).array(harts)
    latency : In(8)
        Strap `device_latency`.
    refuse : In(harts)
        The access of this hart is not taken now, see `rtl.mem.stall`.
    devices : Out(DevicePortSignature()).array(len(regions))
    """

    harts: Any
    latency: Signal
    refuse: Signal
    devices: Any

    def __init__(self, harts: int, regions: Sequence[Region]):
        self._regions = tuple(regions)
        super().__init__(
            {
                "harts": In(MmioPortSignature()).array(harts),
                "latency": In(8),
                "refuse": In(harts),
                "devices": Out(DevicePortSignature()).array(len(self._regions)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        harts = self.harts
        # The hart whose access is answered in this cycle; the last one, for fairness; the one whose
        # access is on its way.
        done = Signal(len(harts))
        last = Signal(len(harts))
        under_way = Signal(len(harts))
        chosen = Signal(len(harts))
        wanted = Signal(len(harts))
        age = Signal(8)
        arrives = Signal()
        write = Signal()
        paddr = Signal(56)
        size = Signal(2)
        wdata = Signal(64)
        m.d.comb += [
            wanted.eq(Cat(hart.valid for hart in harts) & ~done & ~self.refuse),
            chosen.eq(Mux(under_way.any(), under_way, round_robin(wanted, after=last))),
            arrives.eq(chosen.any() & (age == self.latency)),
            write.eq(select(chosen, [hart.write for hart in harts])),
            paddr.eq(select(chosen, [hart.paddr for hart in harts])),
            size.eq(select(chosen, [hart.size for hart in harts])),
            wdata.eq(select(chosen, [hart.wdata for hart in harts])),
        ]
        m.d.sync += done.eq(0)
        with m.If(arrives):
            m.d.sync += [done.eq(chosen), last.eq(chosen), under_way.eq(0), age.eq(0)]
        with m.Elif(chosen.any()):
            m.d.sync += [under_way.eq(chosen), age.eq(age + 1)]

        selected = Signal(len(self._regions))
        for device, region, is_selected in zip(self.devices, self._regions, selected, strict=True):
            m.d.comb += [
                is_selected.eq(region.contains(paddr)),
                device.valid.eq(arrives & is_selected),
                device.write.eq(write),
                device.offset.eq(paddr[: region.size.bit_length() - 1]),
                device.size.eq(size),
                device.wdata.eq(wdata),
            ]

        rdata = Signal(64)
        error = Signal()
        m.d.sync += [
            rdata.eq(select(selected, [device.rdata for device in self.devices])),
            error.eq(~(selected & Cat(~device.error for device in self.devices)).any()),
        ]
        for hart, is_done in zip(harts, done, strict=True):
            m.d.comb += [hart.done.eq(is_done), hart.rdata.eq(rdata), hart.error.eq(error)]
        return m
