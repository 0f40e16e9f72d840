"""The machine: harts, coherence hub and devices. DRAM and the terminal are outside."""

from collections.abc import Callable
from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from .config import SocConfig
from .dev.aclint import Aclint
from .dev.address_map import ACLINT, FINISHER, SSWI, UART
from .dev.finisher import Finisher
from .dev.sswi import Sswi
from .dev.uart import Uart
from .hart.hart import Hart
from .mem.bus import DramSignature
from .mem.host_store import HostStore
from .mem.hub import Hub
from .mem.l2_cache import L2Cache
from .mem.mmio import MmioRouter
from .mem.stall import BUS_CHANNELS, StallSource, connect_stalling_bus
from .mmu.broadcast import FenceBroadcast
from .mmu.ports import FenceSignature
from .straps import StrapSignature
from .trace.cycle import CycleSignature
from .trace.retire import RetireSignature
from .trace.store import StoreSignature
from .trace.walk import WalkSignature

HartFactory = Callable[[SocConfig], Any]


class Soc(wiring.Component):
    """Harts with their caches, joined by the hub, and the devices of QEMU's `virt` machine.

    Parameters
    ----------
    config : SocConfig
    hart : HartFactory
        Makes a component with the ports of `Hart`.

    Members
    -------
    straps : In(StrapSignature())
    dram : Out(DramSignature())
    uart_valid : Out(1), uart_data : Out(8)
        A byte for the terminal.
    finisher_valid : Out(1), finisher_value : Out(32)
        The program ended the run, see `rtl.dev.finisher`.
    host_valid : In(1), host_address : In(56), host_wdata : In(64), host_done : Out(1)
        A coherent 8-byte store from outside, made through the D$ of hart 0: hold `host_valid`
        until `host_done`.
    retire, cycle, walk, store, fence : Out(...).array(harts)
        What each hart did, see `rtl.trace` and `rtl.hart.hart`.
    """

    straps: Any
    dram: Any
    uart_valid: Signal
    uart_data: Signal
    finisher_valid: Signal
    finisher_value: Signal
    host_valid: Signal
    host_address: Signal
    host_wdata: Signal
    host_done: Signal
    retire: Any
    cycle: Any
    walk: Any
    store: Any
    fence: Any

    def __init__(self, config: SocConfig, hart: HartFactory = Hart):
        self._hart = hart
        self._config = config.validate()
        super().__init__(
            {
                "straps": In(StrapSignature()),
                "dram": Out(DramSignature()),
                "uart_valid": Out(1),
                "uart_data": Out(8),
                "finisher_valid": Out(1),
                "finisher_value": Out(32),
                "host_valid": In(1),
                "host_address": In(56),
                "host_wdata": In(64),
                "host_done": Out(1),
                "retire": Out(RetireSignature()).array(config.harts),
                "cycle": Out(CycleSignature()).array(config.harts),
                "walk": Out(WalkSignature()).array(config.harts),
                "store": Out(StoreSignature()).array(config.harts),
                "fence": Out(FenceSignature()).array(config.harts),
            }
        )

    def elaborate(self, platform):
        m = Module()
        config = self._config
        line_bytes = config.hart.dcache.line_bytes
        m.submodules.hub = hub = Hub(config.harts, line_bytes)
        m.submodules.mmio = mmio = MmioRouter(config.harts, (ACLINT, SSWI, UART, FINISHER))
        m.submodules.aclint = aclint = Aclint(config.harts, config.cycles_per_timebase_tick)
        m.submodules.sswi = sswi = Sswi(config.harts)
        m.submodules.broadcast = broadcast = FenceBroadcast(config.harts)
        m.submodules.uart = uart = Uart()
        m.submodules.finisher = finisher = Finisher()
        m.submodules.host_store = host_store = HostStore()
        for device, port in zip((aclint, sswi, uart, finisher), mmio.devices, strict=True):
            connect(m, port, device.port)
        m.d.comb += mmio.latency.eq(self.straps.device_latency)
        if config.l2 is None:
            connect(m, hub.dram, flipped(self.dram))
        else:
            m.submodules.l2 = l2 = L2Cache(config.l2, line_bytes)
            connect(m, hub.dram, l2.hub)
            connect(m, l2.dram, flipped(self.dram))
            m.d.comb += l2.latency.eq(self.straps.l2_latency)

        # What tells the harts apart comes from registers: with constants at its ports each hart
        # would be a module of its own for the simulator, with code of its own.
        host_hart = Signal(config.harts, reset_less=True)
        m.d.sync += host_hart.eq(1)
        host_ready = Signal(config.harts)
        host_done = Signal(config.harts)
        for number in range(config.harts):
            hart_id = Signal(16, name=f"hart_id{number}", reset_less=True)
            m.d.sync += hart_id.eq(number)
            hart = self._hart(config)
            m.submodules[f"hart{number}"] = hart
            connect(m, flipped(self.straps), hart.straps)
            stalls = StallSource(2 * BUS_CHANNELS + 1)
            m.submodules[f"stalls{number}"] = stalls
            m.d.comb += [
                stalls.seed.eq(self.straps.stall_seed),
                stalls.salt.eq(~number),
                mmio.refuse[number].eq(stalls.refuse[2 * BUS_CHANNELS]),
            ]
            for half, bus in enumerate((hart.dcache_bus, hart.icache_bus)):
                refuse = stalls.refuse.word_select(half, BUS_CHANNELS)
                connect_stalling_bus(m, bus, hub.clients[2 * number + half], refuse)
            connect(m, hart.mmio, mmio.harts[number])
            connect(m, hart.broadcast, broadcast.harts[number])
            connect(m, hart.retire, flipped(self.retire[number]))
            connect(m, hart.cycle, flipped(self.cycle[number]))
            connect(m, hart.walk, flipped(self.walk[number]))
            connect(m, hart.store, flipped(self.store[number]))
            connect(m, hart.fence, flipped(self.fence[number]))
            m.d.comb += [
                hart.hart_id.eq(hart_id),
                hart.msip.eq(aclint.msip[number]),
                hart.mtip.eq(aclint.mtip[number]),
                hart.set_ssip.eq(sswi.set_ssip[number]),
                hart.time.eq(aclint.mtime),
            ]
            host, port, chosen = hart.host, host_store.port, host_hart[number]
            m.d.comb += [
                host.s0_valid.eq(port.s0_valid & chosen),
                host.s0_index.eq(port.s0_index),
                host.s1_valid.eq(port.s1_valid & chosen),
                host.s1_command.eq(port.s1_command),
                host.s1_paddr.eq(port.s1_paddr),
                host.s1_size.eq(port.s1_size),
                host.s1_wdata.eq(port.s1_wdata),
                host_ready[number].eq(host.s0_ready & chosen),
                host_done[number].eq(host.s1_done & chosen),
            ]

        m.d.comb += [
            host_store.port.s0_ready.eq(host_ready.any()),
            host_store.port.s1_done.eq(host_done.any()),
            self.uart_valid.eq(uart.valid),
            self.uart_data.eq(uart.data),
            self.finisher_valid.eq(finisher.valid),
            self.finisher_value.eq(finisher.value),
            host_store.valid.eq(self.host_valid),
            host_store.address.eq(self.host_address),
            host_store.wdata.eq(self.host_wdata),
            self.host_done.eq(host_store.done),
        ]
        return m
