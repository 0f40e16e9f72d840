"""What each cycle of a hart was spent on, and what happened in it."""

from amaranth.lib import enum, wiring
from amaranth.lib.wiring import Out


class StallCause(enum.Enum, shape=4):
    """Every cycle of a hart has exactly one cause, so that phases add up.

    A cycle in which a record leaves the write-back stage is RETIRING, traps included. Any other
    cycle is charged to what created the bubble in write-back or holds the pipeline now.
    """

    RETIRING = 0
    FETCH_MISS = 1
    ITLB_WALK = 2
    DTLB_WALK = 3
    DCACHE_MISS = 4
    COHERENCE = 5
    """A line waits for another hart to give it up; a machine of one hart never does."""
    FENCE_DRAIN = 6
    MISPREDICT = 7
    """Fetch went the wrong way behind an instruction, or late to the target of a branch."""
    MULDIV = 8
    CSR_SERIALISE = 9
    IDLE = 10
    INTERLOCK = 11
    """Load-use and other register dependences."""
    TRAP_REDIRECT = 12
    """Refill of the pipeline after a trap, mret or sret."""
    MMIO = 13
    RESET = 14
    DCACHE_PORT = 15
    """The D$ was taken: by the walker, a probe, a pending write or an unanswered write-back; or it
    had the instruction executed again."""


class EventSignature(wiring.Signature):
    """Events of one hart, one bit each, high for one cycle per event.

    Members
    -------
    itlb_miss, dtlb_miss : Out(1)
        A lookup that starts a walk, once per walk requested.
    walk : Out(1)
        The walker accepted a request.
    icache_miss, dcache_miss : Out(1)
        A line was requested from the hub; walker reads count as D$ misses too.
    fence : Out(1)
        An sfence.vma or sinval.vma retired.
    mispredict : Out(1)
        Fetch did not go where the instruction in MEM leads, and was redirected.
    exception, interrupt : Out(1)
        A trap was taken.
    """

    def __init__(self):
        super().__init__(
            {
                name: Out(1)
                for name in (
                    "itlb_miss",
                    "dtlb_miss",
                    "walk",
                    "icache_miss",
                    "dcache_miss",
                    "fence",
                    "mispredict",
                    "exception",
                    "interrupt",
                )
            }
        )


class CycleSignature(wiring.Signature):
    """Attribution of every cycle of one hart.

    Members
    -------
    cause : Out(StallCause)
    privilege : Out(2)
        Current mode.
    events : Out(EventSignature)
    """

    def __init__(self):
        super().__init__(
            {
                "cause": Out(StallCause),
                "privilege": Out(2),
                "events": Out(EventSignature()),
            }
        )
