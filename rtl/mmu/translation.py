"""Translation of one requester: TLB, permissions, and physical memory attributes."""

from typing import Any

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from rtl.config import SocConfig, TlbConfig
from rtl.dev.address_map import is_device, is_dram
from rtl.isa.pmp import PMP_ENTRIES

from .permission import PermissionCheck
from .pmp import PmpCheck, PmpRegionSignature
from .ports import AccessType, FenceSignature, TranslationFault, TranslationSignature
from .tlb import Tlb
from .tlb_bank import TlbFillSignature
from .virtual_address import OFFSET_BITS, VirtualAddress, leaf_paddr
from .walk_arbiter import WalkerPortSignature

PHYSICAL_BITS = 56


class Translation(wiring.Component):
    """Answers a requester in the same cycle, or asks for a walk.

    Parameters
    ----------
    soc : SocConfig
    tlb : TlbConfig

    Members
    -------
    port : In(TranslationSignature)
    walker : Out(WalkerPortSignature)
    fill : In(TlbFillSignature), fence : In(FenceSignature), forget : In(1)
        As those of `Tlb`.
    pmp : In(PmpRegionSignature()).array(PMP_ENTRIES)
    sectors_in_use : In(7), honour_asid : In(1)
        Straps.
    """

    port: In(TranslationSignature())
    walker: Out(WalkerPortSignature())
    fill: In(TlbFillSignature())
    fence: In(FenceSignature())
    forget: In(1)
    pmp: In(PmpRegionSignature()).array(PMP_ENTRIES)
    sectors_in_use: In(7)
    honour_asid: In(1)

    def __init__(self, soc: SocConfig, tlb: TlbConfig):
        self._soc = soc
        self._tlb = tlb
        super().__init__()

    def elaborate(self, platform) -> Module:
        m = Module()
        port, walker = self.port, self.walker
        vaddr: Any = Signal(VirtualAddress)
        m.d.comb += vaddr.eq(port.vaddr)
        translate = port.context.translate
        canonical = vaddr.is_canonical()

        m.submodules.tlb = tlb = Tlb(self._tlb)
        wiring.connect(m, wiring.flipped(self.fill), tlb.fill)
        wiring.connect(m, wiring.flipped(self.fence), tlb.fence)
        asid = Mux(self.honour_asid, port.context.asid, 0)
        m.d.comb += [
            tlb.vpn.eq(vaddr.vpn),
            tlb.asid.eq(asid),
            tlb.used.eq(port.valid & translate & canonical),
            tlb.sectors_in_use.eq(self.sectors_in_use),
            tlb.forget.eq(self.forget),
        ]

        m.submodules.permission = permission = PermissionCheck()
        m.d.comb += [
            permission.pte.eq(tlb.pte),
            permission.access.eq(port.access),
            permission.context.eq(port.context),
        ]

        walk_fault = walker.fault != TranslationFault.NONE
        hit = Signal()
        m.d.comb += [
            # The A and D bits of an entry are set by walking again.
            hit.eq(tlb.hit & ~permission.needs_update),
            walker.present.eq(port.valid),
            walker.miss.eq(tlb.used & ~hit),
            walker.request.offset.eq(vaddr.offset),
            walker.request.vpn.eq(vaddr.vpn),
            walker.request.access.eq(port.access),
            walker.request.context.eq(port.context),
            walker.request.context.asid.eq(asid),
        ]

        translated = Signal(PHYSICAL_BITS)
        m.d.comb += [
            translated.eq(leaf_paddr(tlb.pte, port.vaddr, tlb.level)),
            port.paddr.eq(Mux(translate, translated, port.vaddr[:PHYSICAL_BITS])),
            port.cacheable.eq(is_dram(self._soc, port.paddr)),
        ]
        m.submodules.protection = protection = PmpCheck()
        for region, checked in zip(self.pmp, protection.regions, strict=True):
            wiring.connect(m, wiring.flipped(region), checked)
        m.d.comb += [
            protection.ppn.eq(port.paddr[OFFSET_BITS:]),
            protection.access.eq(port.access),
            protection.privilege.eq(port.context.privilege),
        ]
        # Devices have registers, not instructions.
        executable_or_data = port.cacheable | (
            is_device(port.paddr) & (port.access != AccessType.FETCH)
        )
        out_of_range = ~translate & port.vaddr[PHYSICAL_BITS:].any()
        physical_fault = Mux(
            executable_or_data & ~out_of_range & ~protection.denied,
            TranslationFault.NONE,
            TranslationFault.ACCESS,
        )
        with m.If(~translate):
            m.d.comb += [port.ready.eq(1), port.fault.eq(physical_fault)]
        with m.Elif(~canonical):
            m.d.comb += [port.ready.eq(1), port.fault.eq(TranslationFault.PAGE)]
        with m.Elif(hit):
            m.d.comb += [
                port.ready.eq(1),
                port.fault.eq(Mux(permission.denied, TranslationFault.PAGE, physical_fault)),
                port.pte.eq(tlb.pte),
                port.level.eq(tlb.level),
            ]
        with m.Else():
            m.d.comb += [port.ready.eq(walk_fault), port.fault.eq(walker.fault)]
        return m
