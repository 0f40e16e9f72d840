"""May this access use this leaf? (privileged spec, 4.3.1 and step 5 onwards of 4.3.2)."""

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from rtl.isa.privilege import Privilege, TranslationContext

from .ports import AccessType
from .pte import Pte


class PermissionCheck(wiring.Component):
    """Combinational check of a leaf PTE against one access.

    What is wrong with a PTE for everybody (`Pte.is_malformed`) is found by the walker; of that,
    only V is looked at here, because an entry cached as invalid has it clear.

    Members
    -------
    pte : In(Pte), access : In(AccessType), context : In(TranslationContext)
        `context` is that of the access now, not of the walk that brought the PTE.
    denied : Out(1)
        The access raises a page fault.
    needs_update : Out(1)
        It does not, but the walker has to set A or D first (Svadu).
    """

    pte: In(Pte)
    access: In(AccessType)
    context: In(TranslationContext)
    denied: Out(1)
    needs_update: Out(1)

    def elaborate(self, platform) -> Module:
        m = Module()
        pte, context = self.pte, self.context
        fetch = self.access == AccessType.FETCH
        user = context.privilege == Privilege.U

        # "U-mode software may only access the page when U=1. If the SUM bit in the sstatus
        # register is set, supervisor mode software may also access pages with U=1. [...]
        # Irrespective of SUM, the supervisor may not execute code on pages with U=1."
        wrong_mode = (user & ~pte.u) | (~user & pte.u & (fetch | ~context.sum))

        # "When MXR=0, only loads from pages marked readable will succeed. When MXR=1, loads from
        # pages marked either readable or executable (R=1 or X=1) will succeed."
        readable = pte.r | (context.mxr & pte.x)

        allowed = Signal()
        recorded = Signal()
        m.d.comb += recorded.eq(pte.a)
        with m.Switch(self.access):
            with m.Case(AccessType.FETCH):
                m.d.comb += allowed.eq(pte.x)
            with m.Case(AccessType.LOAD):
                m.d.comb += allowed.eq(readable)
            with m.Default():
                m.d.comb += [allowed.eq(pte.w), recorded.eq(pte.a & pte.d)]

        # Svade: "when a virtual page is accessed and the A bit is clear, or is written and the D
        # bit is clear, a page-fault exception is raised." Svadu: the PTE is updated instead.
        permitted = pte.v & ~wrong_mode & allowed
        m.d.comb += [
            self.denied.eq(~(permitted & (recorded | context.hardware_ad_update))),
            self.needs_update.eq(permitted & ~recorded & context.hardware_ad_update),
        ]
        return m
