"""Walker and walk arbiter together: no walk survives a fence, and every walk ends, in bounded time.

The D$ is any that keeps to the port: it may refuse every access twice. Speculative walks, and the
L2 TLB, are left out.
"""

from typing import Any

from amaranth.hdl import Cat, Mux, Signal

from rtl.config import HartConfig, SocConfig
from rtl.dev.address_map import is_dram
from rtl.mem.ports import MemoryCommand
from rtl.mmu.ports import AccessType, TranslationFault
from rtl.mmu.pte import Pte
from rtl.mmu.walk_arbiter import WalkArbiter
from rtl.mmu.walk_cache import PTE_NUMBER_BITS
from rtl.mmu.walker import Walker, WalkerState

from ..harness import Bench, Claim, Harness, Mutant, same

_PATH = "rtl/mmu/walker.py"
_ENTRIES = 2
_SOC = SocConfig(hart=HartConfig(walk_cache_entries=_ENTRIES))
_REFUSALS = 2
_ACCESS = 2 + 2 * _REFUSALS
"""Cycles of an access of the D$: s0 and s1, each of which may have to be repeated."""
_LEVEL = _ACCESS + 2
_END = 3
WALK_CYCLES = 1 + 3 * _LEVEL + (_ACCESS + _LEVEL) + _END
"""Three levels, and once setting A and D and reading again."""


def _build(bench: Bench) -> None:
    m, past = bench.m, bench.past
    m.submodules.arbiter = arbiter = WalkArbiter()
    m.submodules.walker = walker = Walker(_SOC)
    bench.free(arbiter, "idle", "fault", "updates")
    bench.free(walker, "start", "request", "speculative", "wanted", "fence")
    for field in arbiter.fence.signature.members:
        m.d.comb += getattr(walker.fence, field).eq(getattr(arbiter.fence, field))
    m.d.comb += [
        walker.start.eq(arbiter.start),
        walker.request.eq(arbiter.request),
        walker.speculative.eq(arbiter.speculative),
        walker.wanted.eq(arbiter.wanted),
        arbiter.idle.eq(walker.idle),
        arbiter.fault.eq(walker.fault),
        arbiter.updates.eq(walker.updates),
    ]
    bench.assume(~arbiter.unasked)
    bench.invariant("speculative", ~arbiter.speculative)
    fence = arbiter.fence.valid
    for side in (arbiter.fetch, arbiter.data):
        bench.assume(~side.miss | side.present)
    bench.assume(arbiter.fetch.request.access == AccessType.FETCH)
    bench.assume(arbiter.data.request.access != AccessType.FETCH)
    bench.assume(~walker.dcache.s1_done | walker.dcache.s1_valid)

    state = bench.inside("walker.state", 4)
    level = bench.inside("walker.level", 2)

    def is_in(*states: WalkerState):
        return Cat(state == one.value for one in states).any()

    bench.invariant("states", state <= max(one.value for one in WalkerState))
    at_level = ~is_in(WalkerState.IDLE, WalkerState.START)
    bench.invariant("level", ~at_level | (level <= 2))
    _claim_fences(bench, arbiter, walker, fence)
    _claim_contents(bench, arbiter, walker, fence, is_in)
    _claim_walk_cache(bench, walker, is_in, level)
    _claim_progress(bench, walker, fence, is_in, level)
    ended = bench.started & past(walker.fill.valid & ~fence)
    bench.claim("one_answer", when=ended, then=walker.idle & ~walker.fill.valid)


def _claim_fences(bench: Bench, arbiter: WalkArbiter, walker: Walker, fence) -> None:
    fenced = Signal(init=1)
    running = Signal()
    faults = walker.fault != TranslationFault.NONE
    ends = (walker.fill.valid | faults) & ~fence
    with bench.m.If(fence):
        bench.m.d.sync += [fenced.eq(1), running.eq(0)]
    with bench.m.Elif(arbiter.start):
        bench.m.d.sync += [fenced.eq(0), running.eq(1)]
    with bench.m.Elif(ends):
        bench.m.d.sync += running.eq(0)
    bench.invariant("fenced", walker.idle | ~fenced)
    bench.invariant("running", walker.idle | running)
    bench.claim("fence_ends", when=bench.started & bench.past(fence), then=walker.idle)
    bench.claim("no_stale_fill", when=walker.fill.valid & ~fence, then=~fenced & running)
    bench.claim("no_stale_fault", when=faults & ~fence, then=~fenced & running)
    bench.claim("one_answer", when=ends, then=~(walker.fill.valid & faults))
    answered = bench.started & bench.past(ends)
    bench.claim("one_answer", when=answered, then=~walker.fill.valid & ~faults)


def _claim_contents(bench: Bench, arbiter, walker: Walker, fence, is_in) -> None:
    """What is filled is what was read from memory by this walk, for its request."""
    m, dcache, fill = bench.m, walker.dcache, walker.fill
    reads = dcache.s1_done & (dcache.s1_command == MemoryCommand.LOAD)
    read = Signal()
    value: Any = Signal(Pte)
    with m.If(fence | arbiter.start):
        m.d.sync += read.eq(0)
    with m.Elif(reads):
        m.d.sync += [read.eq(1), value.eq(dcache.s1_rdata)]
    pte = bench.inside("walker.pte", 64)
    fault = bench.inside("walker.fault", 2)
    after_read = is_in(
        WalkerState.SETTLE, WalkerState.CHECK, WalkerState.UPDATE_REQUEST, WalkerState.UPDATE
    )
    answers = is_in(WalkerState.ANSWER, WalkerState.RETURN, WalkerState.RESPOND)
    known = read & same(pte, value)
    has_pte = fault != TranslationFault.ACCESS.value
    bench.invariant("pte", ~after_read | known)
    in_update = is_in(WalkerState.UPDATE_REQUEST, WalkerState.UPDATE)
    bench.invariant("leaf", ~in_update | (value.v & (value.r | value.x)))
    pte_paddr = bench.inside("walker.pte_paddr", 56)
    checked = after_read | is_in(WalkerState.READ)
    bench.invariant("dram", ~checked | is_dram(_SOC, pte_paddr))
    bench.invariant("answer", ~(answers & has_pte) | known)

    body = same(fill.pte.as_value()[1:], value.as_value()[1:])
    bench.claim("read_since", when=fill.valid, then=read & body & (fill.pte.v <= value.v))
    request = arbiter.request
    right = (fill.vpn == request.vpn) & (fill.asid == request.context.asid)
    bench.claim("of_request", when=fill.valid, then=right)
    # A and D are set in the value that was checked, of an entry that is still wanted.
    update = dcache.s1_valid & (dcache.s1_command == MemoryCommand.UPDATE_PTE)
    store = request.access == AccessType.STORE
    written: Any = Signal(Pte)
    m.d.comb += [written.eq(value), written.a.eq(1), written.d.eq(store)]
    right = read & (dcache.s1_wdata == written.as_value()) & arbiter.wanted
    bench.claim("update", when=update, then=right & value.v & (value.r | value.x))
    bench.claim("only_dram", when=dcache.s1_valid, then=is_dram(_SOC, dcache.s1_paddr))


def _claim_walk_cache(bench: Bench, walker: Walker, is_in, level) -> None:
    """The walk cache is given only what it does not have: `walk_cache` relies on it."""
    number = bench.inside("walker.pte_paddr", 56)[3:]
    occupied = bench.inside("walker.walk_cache.occupied", _ENTRIES)
    rows = range(_ENTRIES)
    tags = [bench.inside(f"walker.walk_cache.tags[{row}]", PTE_NUMBER_BITS) for row in rows]
    fills = bench.inside("walker.walk_cache.fill_valid", 1)
    there = (occupied & Cat(tag == number for tag in tags)).any()
    missed = is_in(WalkerState.READ, WalkerState.SETTLE, WalkerState.CHECK) & (level != 0)
    bench.invariant("missed", ~missed | ~there)
    bench.claim("fills_new", when=fills, then=~there & (level != 0))


def _claim_progress(bench: Bench, walker: Walker, fence, is_in, level) -> None:
    """Cycles so far and cycles that are left never add up to more than the bound."""
    m, dcache = bench.m, walker.dcache
    refused = (dcache.s0_valid & ~dcache.s0_ready) | (dcache.s1_valid & ~dcache.s1_done)
    refusals = Signal(range(_REFUSALS + 2))
    with m.If(dcache.s1_done | walker.idle):
        m.d.sync += refusals.eq(0)
    with m.Elif(refused):
        m.d.sync += refusals.eq(refusals + 1)
    bench.assume(~refused | (refusals < _REFUSALS))
    bench.invariant("refusals", refusals <= _REFUSALS)

    # Nobody clears again what this walk has set: each time would cost another round.
    updated = Signal()
    needs_update = bench.inside("walker.permission.needs_update", 1)
    with m.If(walker.idle):
        m.d.sync += updated.eq(0)
    with m.Elif(is_in(WalkerState.UPDATE) & dcache.s1_done):
        m.d.sync += updated.eq(1)
    bench.assume(~(is_in(WalkerState.CHECK) & updated & needs_update))
    in_update = is_in(WalkerState.UPDATE_REQUEST, WalkerState.UPDATE)
    bench.invariant("one_update", ~(in_update & updated))

    waited = Signal(range(2 * WALK_CYCLES))
    m.d.sync += waited.eq(Mux(walker.idle, 0, waited + 1))
    round_left = Mux(updated, 0, _ACCESS + _LEVEL)
    below = level * _LEVEL + round_left + _END
    left = Signal(range(2 * WALK_CYCLES))
    with m.Switch(bench.inside("walker.state", 4)):
        with m.Case(WalkerState.START.value):
            m.d.comb += left.eq(WALK_CYCLES)
        with m.Case(WalkerState.REQUEST.value):
            m.d.comb += left.eq(below + _LEVEL - 2 * refusals)
        with m.Case(WalkerState.READ.value):
            m.d.comb += left.eq(below + _LEVEL - 2 * refusals - 1)
        with m.Case(WalkerState.SETTLE.value):
            m.d.comb += left.eq(below + 2)
        with m.Case(WalkerState.CHECK.value):
            m.d.comb += left.eq(below + 1)
        with m.Case(WalkerState.UPDATE_REQUEST.value):
            m.d.comb += left.eq(below - 2 * refusals)
        with m.Case(WalkerState.UPDATE.value):
            m.d.comb += left.eq(below - 2 * refusals - 1)
        with m.Case(WalkerState.ANSWER.value):
            m.d.comb += left.eq(3)
        with m.Case(WalkerState.RETURN.value):
            m.d.comb += left.eq(2)
        with m.Case(WalkerState.RESPOND.value):
            m.d.comb += left.eq(1)
    bench.invariant("left", waited + left <= WALK_CYCLES)
    bench.invariant("idle", ~walker.idle | (refusals == 0) | (waited != 0))
    bench.invariant("fresh", ~is_in(WalkerState.START) | ((waited == 0) & ~updated))
    bench.claim("in_time", when=~walker.idle & ~fence, then=waited < WALK_CYCLES)


HARNESS = Harness(
    name="walk",
    size=f"walk cache of {_ENTRIES}, full widths; a D$ that refuses an access {_REFUSALS} times",
    build=_build,
    depth=3,
    reach=18,
    claims=(
        Claim(
            "fence_ends",
            "after a fence no walk is under way",
            Mutant(
                _PATH,
                "with m.If(self.fence.valid):",
                "with m.If(self.fence.valid & (state != WalkerState.READ)):",
            ),
        ),
        Claim(
            "no_stale_fill",
            "a walk that began before a fence fills nothing after it",
            Mutant(_PATH, "with m.If(self.fence.valid):", "with m.If(self.fence.valid & 0):"),
        ),
        Claim(
            "no_stale_fault",
            "nor does it report a fault",
            Mutant(
                _PATH,
                "with m.If(self.fence.valid):",
                "with m.If(self.fence.valid & (fault != TranslationFault.ACCESS)):",
            ),
        ),
        Claim(
            "one_answer",
            "a walk is answered once, by a fill or by a fault",
            Mutant(
                _PATH,
                "self.fault.eq(Mux(fills | self.speculative, TranslationFault.NONE, fault))",
                "self.fault.eq(fault)",
            ),
        ),
        Claim(
            "read_since",
            "what is filled was read by this walk, and is not changed but for a cleared V",
            Mutant(
                _PATH,
                "state.eq(Mux(dcache.s1_done, WalkerState.SETTLE, WalkerState.REQUEST))",
                "state.eq(WalkerState.SETTLE)",
            ),
        ),
        Claim(
            "of_request",
            "for the page and the address space of the request",
            Mutant(_PATH, "fill.asid.eq(request.context.asid)", "fill.asid.eq(request.offset)"),
        ),
        Claim(
            "update",
            "A and D are set only in the leaf that was checked, and only for whom still waits",
            Mutant(_PATH, "dcache.s1_valid.eq(self.wanted)", "dcache.s1_valid.eq(1)"),
        ),
        Claim(
            "only_dram",
            "nothing but memory is read",
            Mutant(_PATH, "~is_dram(self._soc, pte_paddr) | protection", "protection"),
        ),
        Claim(
            "fills_new",
            "the walk cache is given only pointers that it does not have",
            Mutant(
                _PATH,
                "walk_cache.lookup.eq((state == WalkerState.REQUEST) & (level != 0))",
                "walk_cache.lookup.eq((state == WalkerState.REQUEST) & (level == 1))",
            ),
        ),
        Claim(
            "in_time",
            f"a walk ends within {WALK_CYCLES} cycles, A and D set on the way",
            Mutant(
                _PATH, "m.d.sync += state.eq(WalkerState.RETURN)", "m.d.sync += fault.eq(fault)"
            ),
            late=WALK_CYCLES - 10,
        ),
    ),
)
