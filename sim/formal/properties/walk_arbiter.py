"""The arbiter in front of the walker: requests and faults are neither dropped nor doubled.

Speculative walks are left out.
"""

from amaranth.hdl import Signal

from rtl.mmu.ports import AccessType, TranslationFault
from rtl.mmu.walk_arbiter import WalkArbiter

from ..harness import Bench, Claim, Harness, Mutant, same

_PATH = "rtl/mmu/walk_arbiter.py"


def _build(bench: Bench) -> None:
    m, past = bench.m, bench.past
    m.submodules.arbiter = arbiter = WalkArbiter()
    bench.free(arbiter)
    fetch, data, fence = arbiter.fetch, arbiter.data, arbiter.fence
    bench.assume(fetch.request.access == AccessType.FETCH)
    bench.assume(data.request.access != AccessType.FETCH)
    bench.assume(~arbiter.unasked)
    bench.invariant("speculative", ~arbiter.speculative)
    # The walker is idle until a walk begins, and only a walk ends in a fault.
    ever = Signal()
    m.d.sync += ever.eq(ever | arbiter.start)
    fault_now = arbiter.fault != TranslationFault.NONE
    bench.assume(~fault_now | (ever & ~arbiter.idle & ~fence.valid))
    for side in (fetch, data):
        bench.assume(~side.miss | side.present)

    told = {side: side.fault != TranslationFault.NONE for side in (fetch, data)}
    may_start = arbiter.idle & ~fence.valid
    accepted = fetch.accepted | data.accepted
    bench.claim("one_start", when=arbiter.start, then=may_start & (fetch.accepted ^ data.accepted))
    bench.claim("one_start", when=~arbiter.start, then=~accepted)
    for side, for_fetch in ((fetch, 1), (data, 0)):
        taken = past(side.accepted) & bench.started
        right = same(arbiter.request, past(side.request)) & (arbiter.for_fetch == for_fetch)
        bench.claim("taken", when=taken, then=right)
        bench.claim("asked", when=side.accepted, then=side.miss & ~told[side])
    wants = may_start & data.miss & ~told[data]
    bench.claim("data_first", when=wants, then=data.accepted)
    fetch_alone = may_start & fetch.miss & ~told[fetch] & ~data.accepted
    bench.claim("fetch_else", when=fetch_alone, then=fetch.accepted)
    kept = same(arbiter.request, past(arbiter.request)) & (
        arbiter.for_fetch == past(arbiter.for_fetch)
    )
    bench.claim("kept", when=bench.started & ~past(arbiter.start), then=kept)

    # The fault of the walk that ended last, until it is told, or cannot be any more.
    pending = Signal(TranslationFault)
    present = (arbiter.for_fetch & fetch.present) | (~arbiter.for_fetch & data.present)
    with m.If(fence.valid):
        m.d.sync += pending.eq(TranslationFault.NONE)
    with m.Elif(fault_now):
        m.d.sync += pending.eq(arbiter.fault)
    with m.Elif(present | arbiter.start | arbiter.forget):
        m.d.sync += pending.eq(TranslationFault.NONE)
    kept_fault = bench.inside("arbiter.kept_fault", 2)
    bench.invariant("pending", kept_fault == pending.as_value())
    of_fetch = arbiter.request.access == AccessType.FETCH
    bench.invariant("for_fetch", ~ever | (arbiter.for_fetch == of_fetch))
    bench.invariant("ever", ever | (pending == TranslationFault.NONE))
    for side, wanted in ((fetch, arbiter.for_fetch), (data, ~arbiter.for_fetch)):
        mine = wanted & same(side.request, arbiter.request)
        has_fault = pending != TranslationFault.NONE
        bench.claim("fault_told", when=mine & has_fault, then=side.fault == pending)
        bench.claim("fault_of_own", when=told[side], then=mine & has_fault)
        once = bench.started & past(told[side] & side.present & ~fault_now)
        bench.claim("fault_once", when=once, then=~told[side])
    fenced = bench.started & past(fence.valid & has_fault)
    bench.claim("fence", when=fenced, then=~told[fetch] & ~told[data])


HARNESS = Harness(
    name="walk_arbiter",
    size="full widths",
    build=_build,
    claims=(
        Claim(
            "one_start",
            "a walk begins for one side, while the walker is idle and there is no fence",
            Mutant(
                _PATH,
                "(self.idle | self.speculative) & ~self.fence.valid",
                "(self.idle | self.fence.valid)",
            ),
        ),
        Claim(
            "taken",
            "what is walked for is the request of that side",
            Mutant(
                _PATH,
                "self.request.eq(fetch.request)",
                "self.request.eq(data.request)",
            ),
        ),
        Claim(
            "asked",
            "nothing begins that was not asked for",
            Mutant(
                _PATH,
                "data.accepted.eq(free & data.miss &",
                "data.accepted.eq(free & data.present &",
            ),
        ),
        Claim(
            "data_first",
            "a data request is not dropped",
            Mutant(_PATH, "data.miss & ~told_data", "data.miss & ~told_data & ~fetch.miss"),
        ),
        Claim(
            "fetch_else",
            "a fetch is not dropped, but for data",
            Mutant(_PATH, "~told_fetch & ~data.accepted", "~told_fetch & ~data.present"),
        ),
        Claim(
            "kept",
            "the request does not change during its walk",
            Mutant(_PATH, "with m.If(data.accepted):", "with m.If(data.miss & ~self.fence.valid):"),
        ),
        Claim(
            "fault_told",
            "a fault reaches the request that it is of",
            Mutant(
                _PATH,
                "told_fetch.eq(_same(fetch.request, self.request))",
                "told_fetch.eq(_same(fetch.request, self.request) & data.present)",
            ),
        ),
        Claim(
            "fault_of_own",
            "and no other",
            Mutant(_PATH, "            context.mxr,\n", ""),
        ),
        Claim(
            "fault_once",
            "it is told once",
            Mutant(_PATH, "with m.Elif(present | self.start", "with m.Elif(self.start"),
        ),
        Claim(
            "fence",
            "after a fence none is told",
            Mutant(
                _PATH,
                "If(self.fence.valid):\n            m.d.sync += kept_fault",
                "If(self.fence.valid & present):\n            m.d.sync += kept_fault",
            ),
        ),
    ),
)
