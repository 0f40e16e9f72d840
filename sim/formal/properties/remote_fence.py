"""The ideal remote fence at a hart: it is settled when all that was translated before is performed.

Store buffer and fence unit are joined as `rtl.hart.hart` joins them.
"""

from rtl.hart.store_buffer import StoreBuffer
from rtl.mmu.remote_fence import RemoteFence

from ..harness import Bench, Claim, Harness, Mutant

_BUFFER = "rtl/hart/store_buffer.py"
_FENCE = "rtl/mmu/remote_fence.py"
_ENTRIES = 2


def _build(bench: Bench) -> None:
    m, past = bench.m, bench.past
    m.submodules.buffer = buffer = StoreBuffer(_ENTRIES)
    m.submodules.unit = unit = RemoteFence()
    bench.free(buffer, "pause")
    bench.free(unit, "in_flight")
    device = bench.anything(1, "device")
    m.d.comb += [unit.in_flight.eq(buffer.busy | device), buffer.pause.eq(unit.settling)]
    # What the two ask of those around them.
    bench.assume(~buffer.port.push | buffer.port.room)
    bench.assume(~buffer.dcache.s1_done | buffer.dcache.s1_valid)

    held = bench.inside("buffer.held", (_ENTRIES + 1).bit_length())
    bench.invariant("held", held <= _ENTRIES)
    bench.invariant("held", bench.inside("buffer.in_s1", 1) <= (held != 0))
    ended = bench.started & past(unit.taken | unit.settling) & unit.settled
    bench.claim("settled", when=ended, then=buffer.port.empty)
    bench.claim("closed", when=unit.settling, then=~buffer.port.push)
    own = unit.own.valid & unit.incoming.valid
    bench.claim("own_first", when=own, then=~unit.taken & (unit.mmu.vaddr == unit.own.vaddr))
    bench.claim(
        "made", when=unit.taken, then=unit.mmu.valid & (unit.mmu.asid == unit.incoming.asid)
    )


HARNESS = Harness(
    name="remote_fence",
    size=f"store buffer of {_ENTRIES}, full widths",
    build=_build,
    claims=(
        Claim(
            "settled",
            "when a fence of another hart is settled no store translated before it is outstanding",
            Mutant(_BUFFER, "self.busy.eq(~port.empty | port.push)", "self.busy.eq(~port.empty)"),
        ),
        Claim(
            "closed",
            "meanwhile no store comes in",
            Mutant(
                _BUFFER,
                "port.room.eq((tail != count) & ~self.pause)",
                "port.room.eq(tail != count)",
            ),
        ),
        Claim(
            "own_first",
            "the hart's own fence goes first",
            Mutant(_FENCE, "self.incoming.valid & ~self.own.valid", "self.incoming.valid"),
        ),
        Claim(
            "made",
            "a fence that is taken is made at the MMU, as it was asked for",
            Mutant(_FENCE, "self.own.valid | self.incoming.valid", "self.own.valid"),
        ),
    ),
)
