"""May this access use this leaf? (privileged spec, 4.3.1 and step 5 onwards of 4.3.2)."""

from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from rtl.isa.privilege import Privilege, TranslationContext

from .ports import AccessType
from .pte import Pte


class PermissionCheck(wiring.Component):
    """Combinational check of a leaf PTE against one access. With Svade: A and D are never set here.

    What is wrong with a PTE for everybody (`Pte.is_malformed`) is found by the walker; of that,
    only V is looked at here, because an entry cached as invalid has it clear.

    Members
    -------
    pte : In(Pte), access : In(AccessType), context : In(TranslationContext)
        `context` is that of the access now, not of the walk that brought the PTE.
    denied : Out(1)
        The access raises a page fault.
    """

    pte: In(Pte)
    access: In(AccessType)
    context: In(TranslationContext)
    denied: Out(1)

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

        # Svade: "when a virtual page is accessed and the A bit is clear, or is written and the D
        # bit is clear, a page-fault exception is raised."
        always = pte.v & pte.a & ~wrong_mode
        with m.Switch(self.access):
            with m.Case(AccessType.FETCH):
                m.d.comb += self.denied.eq(~(always & pte.x))
            with m.Case(AccessType.LOAD):
                m.d.comb += self.denied.eq(~(always & readable))
            with m.Default():
                m.d.comb += self.denied.eq(~(always & pte.w & pte.d))
        return m
