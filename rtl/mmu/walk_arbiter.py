"""Who gets the walker, and who is told of a walk that ended in a fault."""

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .ports import FenceSignature, TranslationFault
from .walker import WalkRequest


class WalkerPortSignature(wiring.Signature):
    """A TLB's way to the walker, seen from the TLB.

    Members
    -------
    present : Out(1)
        The requester asks for some translation in this cycle.
    miss : Out(1), request : Out(WalkRequest)
        It needs a walk, or the fault of one.
    fault : In(TranslationFault)
        Not NONE: a walk for a request like this ended with this fault and filled nothing. Told
        once, to the first request that is present after the walk; to nobody if that one differs,
        or if a fence or another walk comes first.
    accepted : In(1)
        A walk for this request begins.
    """

    def __init__(self):
        super().__init__(
            {
                "present": Out(1),
                "miss": Out(1),
                "request": Out(WalkRequest),
                "fault": In(TranslationFault),
                "accepted": In(1),
            }
        )


def _same(one, other) -> Value:
    """Field by field: wider than 64 bits a comparison is slow to simulate."""

    def small(request) -> Value:
        context = request.context
        return Cat(
            request.access,
            context.privilege,
            context.translate,
            context.sum,
            context.mxr,
            context.hardware_ad_update,
            context.asid,
        )

    same_address = Cat(one.offset, one.vpn) == Cat(other.offset, other.vpn)
    same_root = one.context.root_ppn == other.context.root_ppn
    return same_address & same_root & (small(one) == small(other))


class WalkArbiter(wiring.Component):
    """Keeps the request that is walked for. Data goes first: it is older than what is fetched.

    A speculative walk begins when nothing else is to be done, and ends when something is.

    Members
    -------
    fetch, data : In(WalkerPortSignature)
    unasked : In(1), unasked_request : In(WalkRequest)
        A speculative walk that may begin in this cycle; the DTLB gets its result.
    fence : In(FenceSignature)
    idle : In(1), start : Out(1), request : Out(WalkRequest), fault : In(TranslationFault)
        To and from the walker, see there.
    speculative, for_fetch : Out(1)
        The walk under way, or the last one, is speculative, or for `fetch`.
    forget : In(1)
        A fault is not told any more.
    updates : In(1), wanted : Out(1)
        The walker is about to set A or D; it may, because a fetch may be speculative there and a
        load or store is still waiting.
    """

    fetch: In(WalkerPortSignature())
    data: In(WalkerPortSignature())
    unasked: In(1)
    unasked_request: In(WalkRequest)
    fence: In(FenceSignature())
    idle: In(1)
    start: Out(1)
    request: Out(WalkRequest)
    fault: In(TranslationFault)
    speculative: Out(1)
    for_fetch: Out(1)
    forget: In(1)
    updates: In(1)
    wanted: Out(1)

    def elaborate(self, platform) -> Module:
        m = Module()
        fetch, data = self.fetch, self.data
        kept_fault = Signal(TranslationFault)

        told_fetch = Signal()
        told_data = Signal()
        same_data = Signal()
        has_fault = kept_fault != TranslationFault.NONE
        # The access type tells the sides apart.
        with m.If(has_fault | self.updates):
            m.d.comb += same_data.eq(_same(data.request, self.request))
        with m.If(has_fault):
            m.d.comb += [
                told_fetch.eq(_same(fetch.request, self.request)),
                told_data.eq(same_data),
            ]
        m.d.comb += [
            self.wanted.eq(self.for_fetch | data.miss & same_data),
            fetch.fault.eq(Mux(told_fetch, kept_fault, TranslationFault.NONE)),
            data.fault.eq(Mux(told_data, kept_fault, TranslationFault.NONE)),
        ]

        speculates = Signal()
        free = (self.idle | self.speculative) & ~self.fence.valid
        m.d.comb += [
            data.accepted.eq(free & data.miss & ~told_data),
            fetch.accepted.eq(free & fetch.miss & ~told_fetch & ~data.accepted),
            speculates.eq(
                self.unasked & self.idle & ~(self.fence.valid | data.miss | fetch.miss | has_fault)
            ),
            self.start.eq(data.accepted | fetch.accepted | speculates),
        ]
        with m.If(self.start):
            m.d.sync += [self.for_fetch.eq(fetch.accepted), self.speculative.eq(speculates)]
        with m.If(data.accepted):
            m.d.sync += self.request.eq(data.request)
        with m.Elif(fetch.accepted):
            m.d.sync += self.request.eq(fetch.request)
        with m.Elif(speculates):
            m.d.sync += self.request.eq(self.unasked_request)

        present = Mux(self.for_fetch, fetch.present, data.present)
        with m.If(self.fence.valid):
            m.d.sync += kept_fault.eq(TranslationFault.NONE)
        with m.Elif(self.fault != TranslationFault.NONE):
            m.d.sync += kept_fault.eq(self.fault)
        with m.Elif(present | self.start | self.forget):
            m.d.sync += kept_fault.eq(TranslationFault.NONE)
        return m
