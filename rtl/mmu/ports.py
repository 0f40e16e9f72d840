"""Ports of the MMU: translation for fetch and load/store, walks, and fences."""

from amaranth.lib import enum, wiring
from amaranth.lib.wiring import In, Out

from rtl.isa.privilege import TranslationContext


class AccessType(enum.Enum, shape=2):
    """What the access needs; an AMO, LR or SC counts as in the privileged spec, 4.3.2.

    LR is a LOAD; SC and AMOs are STOREs.
    """

    FETCH = 0
    LOAD = 1
    STORE = 2


class TranslationFault(enum.Enum, shape=2):
    """How a translation ends. The access type of the fault is that of the request."""

    NONE = 0
    PAGE = 1
    ACCESS = 2


class TranslationSignature(wiring.Signature):
    """Combinational lookup in an L1 TLB, seen from the requester.

    The requester holds `valid`, `vaddr`, `access` and `context` until `ready`, or drops the
    request at any time (a walk that was started goes on by itself, legally).

    Members
    -------
    valid : Out(1), vaddr : Out(64), access : Out(AccessType), context : Out(TranslationContext)
    ready : In(1)
        In the same cycle: the outcome below is final. Low with `valid` high: a walk is needed or
        under way.
    fault : In(TranslationFault)
        PAGE also for an address that is not canonical. ACCESS where a PTE could not be read, or
        the physical address lies outside memory and devices.
    paddr : In(56)
        Without translation the virtual address itself, where it fits.
    cacheable : In(1)
        The address is DRAM; otherwise it is a device.
    pte : In(64), level : In(2)
        Leaf PTE and its level, for the retire port; zero without translation.
    """

    def __init__(self):
        super().__init__(
            {
                "valid": Out(1),
                "vaddr": Out(64),
                "access": Out(AccessType),
                "context": Out(TranslationContext),
                "ready": In(1),
                "fault": In(TranslationFault),
                "paddr": In(56),
                "cacheable": In(1),
                "pte": In(64),
                "level": In(2),
            }
        )


FENCE_OPERANDS = ("has_vaddr", "has_asid", "vaddr", "asid")
"""The members of `FenceSignature` that say what is fenced."""


class FenceSignature(wiring.Signature):
    """sfence.vma, seen from the pipeline: done in the cycle in which `valid` is high.

    A walk that began before must not install what it read.

    Members
    -------
    valid : Out(1)
    has_vaddr, has_asid : Out(1)
        rs1 != x0, rs2 != x0.
    vaddr : Out(64), asid : Out(16)
        Values of rs1 and rs2.
    """

    def __init__(self):
        super().__init__(
            {
                "valid": Out(1),
                "has_vaddr": Out(1),
                "has_asid": Out(1),
                "vaddr": Out(64),
                "asid": Out(16),
            }
        )


class BroadcastSignature(wiring.Signature):
    """Fences between harts (strap `broadcast_fence`), seen from a hart.

    Members
    -------
    outgoing : Out(FenceSignature), done : In(1)
        A fence for all other harts, held until `done`: they have it, and what they translated
        before it is performed.
    incoming : In(FenceSignature), taken : Out(1)
        One of another hart, held until `taken`, the cycle in which the MMU does it.
    settled : Out(1)
        From the cycle after `taken` on: no access that was translated before it is still to be
        performed.
    """

    def __init__(self):
        super().__init__(
            {
                "outgoing": Out(FenceSignature()),
                "done": In(1),
                "incoming": In(FenceSignature()),
                "taken": Out(1),
                "settled": Out(1),
            }
        )
