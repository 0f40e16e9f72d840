"""pmpcfg and pmpaddr, and the regions that they describe."""

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from rtl.isa.csr_address import PMPADDR_BASE, CsrAddress
from rtl.isa.pmp import PMP_ENTRIES, PMP_GRAIN_BITS, PMPADDR_BITS, PmpConfig, PmpMatching
from rtl.mmu.pmp import PmpRegionSignature

from .csr_bus import CsrWriteSignature


class PmpRegisters(wiring.Component):
    """The entries that work.

    Members
    -------
    csr : In(CsrWriteSignature())
    pmpcfg0 : Out(64), pmpaddr : Out(54).array(PMP_ENTRIES)
        As they are read.
    regions : Out(PmpRegionSignature()).array(PMP_ENTRIES)
        In force in the cycle after the write.
    """

    csr: In(CsrWriteSignature())
    pmpcfg0: Out(64)
    pmpaddr: Out(PMPADDR_BITS).array(PMP_ENTRIES)
    regions: Out(PmpRegionSignature()).array(PMP_ENTRIES)

    def elaborate(self, platform):
        m = Module()
        configs: list[Any] = [Signal(PmpConfig, name=f"config{i}") for i in range(PMP_ENTRIES)]
        addresses = [Signal(PMPADDR_BITS, name=f"address{i}") for i in range(PMP_ENTRIES)]

        # What both will be after the write of this cycle; regions follow from that, and are kept
        # in registers because every access compares with them.
        next_configs = [self._next_config(m, i, configs[i]) for i in range(PMP_ENTRIES)]
        next_addresses = [
            self._next_address(m, i, addresses[i], configs[i : i + 2]) for i in range(PMP_ENTRIES)
        ]
        below: Value = Const(0, PMPADDR_BITS)
        for i in range(PMP_ENTRIES):
            region = self.regions[i]
            first, end = _bounds(next_configs[i], below, next_addresses[i])
            below = next_addresses[i]
            with m.If(self.csr.valid):
                m.d.sync += [
                    configs[i].eq(next_configs[i]),
                    addresses[i].eq(next_addresses[i]),
                    region.first.eq(first),
                    region.end.eq(end),
                ]
            m.d.comb += [
                region.r.eq(configs[i].r),
                region.w.eq(configs[i].w),
                region.x.eq(configs[i].x),
                region.locked.eq(configs[i].locked),
                self.pmpaddr[i].eq(_as_read(configs[i], addresses[i])),
            ]
        m.d.comb += self.pmpcfg0.eq(Cat(config.as_value() for config in configs))
        return m

    def _next_config(self, m: Module, number: int, config):
        """WARL: reserved bits are zero, W needs R, and there is no NA4 at this granularity."""
        written = data.View(PmpConfig, self.csr.data[8 * number : 8 * number + 8])
        result: Any = Signal(PmpConfig, name=f"next_config{number}")
        m.d.comb += result.eq(config)
        with m.If((self.csr.address == CsrAddress.PMPCFG0.value) & ~config.locked):
            m.d.comb += [
                result.r.eq(written.r),
                result.w.eq(written.w & written.r),
                result.x.eq(written.x),
                result.a.eq(
                    Mux(
                        written.a == PmpMatching.NA4,
                        PmpMatching.NAPOT.value,
                        written.a.as_value(),
                    )
                ),
                result.locked.eq(written.locked),
            ]
        return result

    def _next_address(self, m: Module, number: int, address: Signal, configs):
        """A locked entry keeps its address, and that of the entry below if it is TOR."""
        locked = configs[0].locked
        if len(configs) > 1:
            locked |= configs[1].locked & (configs[1].a == PmpMatching.TOR)
        result = Signal(PMPADDR_BITS, name=f"next_address{number}")
        m.d.comb += result.eq(address)
        with m.If((self.csr.address == PMPADDR_BASE + number) & ~locked):
            m.d.comb += result.eq(self.csr.data)
        return result


def _bounds(config, below: Value, address: Value) -> tuple[Value, Value]:
    """First page and the page behind the last, of an entry with these registers."""
    page = address[PMP_GRAIN_BITS:]
    # NAPOT: the ones at the low end of the address, and the zero above them, are not of the base.
    filled = address | ((1 << PMP_GRAIN_BITS - 1) - 1)
    free = (filled ^ (filled + 1))[PMP_GRAIN_BITS:PMPADDR_BITS]
    base = page & ~free
    napot = config.a == PmpMatching.NAPOT
    off = config.a == PmpMatching.OFF
    first = Mux(napot, base, below[PMP_GRAIN_BITS:])
    end = Mux(napot, base + free + 1, page)
    return Mux(off, 0, first), Mux(off, 0, end)


def _as_read(config, address: Value) -> Value:
    """The bits below the granularity: ones for NAPOT but the highest, zeros otherwise."""
    ones = (1 << PMP_GRAIN_BITS - 1) - 1
    zeros = Cat(Const(0, PMP_GRAIN_BITS), address[PMP_GRAIN_BITS:])
    return Mux(config.a == PmpMatching.NAPOT, address | ones, zeros)
