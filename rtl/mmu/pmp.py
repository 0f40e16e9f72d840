"""Physical memory protection of one access (privileged specification, section 3.7.1)."""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from rtl.isa.pmp import PMP_ENTRIES
from rtl.isa.privilege import Privilege
from rtl.onehot import lowest

from .ports import AccessType

PPN_BITS = 44


class PmpRegionSignature(wiring.Signature):
    """What an entry protects, seen from its registers.

    Members
    -------
    first, end : Out(45)
        Physical page numbers: the first of the region, and the one behind the last. An entry that
        is off has an empty region.
    r, w, x : Out(1), locked : Out(1)
    """

    def __init__(self):
        super().__init__(
            {
                "first": Out(PPN_BITS + 1),
                "end": Out(PPN_BITS + 1),
                "r": Out(1),
                "w": Out(1),
                "x": Out(1),
                "locked": Out(1),
            }
        )


class PmpCheck(wiring.Component):
    """Combinational. No access crosses a page, and regions are made of pages.

    Members
    -------
    regions : In(PmpRegionSignature()).array(PMP_ENTRIES)
    ppn : In(44), access : In(AccessType), privilege : In(Privilege)
        The effective mode; S for a walk.
    denied : Out(1)
    """

    regions: In(PmpRegionSignature()).array(PMP_ENTRIES)
    ppn: In(PPN_BITS)
    access: In(AccessType)
    privilege: In(Privilege)
    denied: Out(1)

    def elaborate(self, platform) -> Module:
        m = Module()
        regions = list(self.regions)
        matches = Signal(PMP_ENTRIES)
        m.d.comb += matches.eq(
            Cat((self.ppn >= region.first) & (self.ppn < region.end) for region in regions)
        )
        # "The lowest-numbered PMP entry that matches any byte of an access determines whether that
        # access succeeds or fails."
        decides = Signal(PMP_ENTRIES)
        permitted = Signal(PMP_ENTRIES)
        m.d.comb += decides.eq(lowest(matches))
        with m.Switch(self.access):
            with m.Case(AccessType.FETCH):
                m.d.comb += permitted.eq(Cat(region.x for region in regions))
            with m.Case(AccessType.LOAD):
                m.d.comb += permitted.eq(Cat(region.r for region in regions))
            with m.Default():
                m.d.comb += permitted.eq(Cat(region.w for region in regions))
        locked = Cat(region.locked for region in regions)
        m.d.comb += self.denied.eq(
            Mux(
                self.privilege == Privilege.M,
                (decides & locked & ~permitted).any(),
                ~(decides & permitted).any(),
            )
        )
        return m
