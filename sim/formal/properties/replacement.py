"""Which entry of a TLB makes room: one, an empty one if there is one, and only of those in use."""

from rtl.mmu.replacement import Replacement

from ..harness import Bench, Claim, Harness, Mutant, at_most_one

_PATH = "rtl/mmu/replacement.py"
_ENTRIES = (1, 2, 5, 8)


def _build(bench: Bench) -> None:
    for entries in _ENTRIES:
        replacement = Replacement(entries)
        bench.m.submodules[f"of{entries}"] = replacement
        bench.free(replacement)
        used, in_use, victim = replacement.used, replacement.in_use, replacement.victim
        bench.assume(at_most_one(used) & (in_use <= entries))
        selectable = ((1 << in_use) - 1)[:entries]
        empty = ~replacement.occupied & selectable
        bench.claim("one", when=in_use != 0, then=victim.any() & at_most_one(victim))
        bench.claim("none", when=in_use == 0, then=victim == 0)
        bench.claim("in_range", when=victim.any(), then=(victim & ~selectable) == 0)
        bench.claim("empty_first", when=empty.any(), then=(victim & ~empty) == 0)
        if entries > 1:
            full = ~empty.any() & (in_use > 1) & bench.started
            recent = bench.past(used) & selectable
            bench.claim("not_the_last", when=full & recent.any(), then=(victim & recent) == 0)


HARNESS = Harness(
    name="replacement",
    size=f"trees of {', '.join(map(str, _ENTRIES))} entries",
    build=_build,
    claims=(
        Claim(
            "one",
            "exactly one entry makes room",
            Mutant(_PATH, "& selectable[middle]", ""),
        ),
        Claim(
            "none",
            "none with no entry in use",
            Mutant(_PATH, "self.in_use > number", "self.in_use >= number"),
        ),
        Claim(
            "in_range",
            "it is one of those in use",
            Mutant(_PATH, "return [here & selectable[low]]", "return [here]"),
        ),
        Claim(
            "empty_first",
            "while there are empty ones it is one of them",
            Mutant(_PATH, "~self.occupied & selectable", "self.occupied & selectable"),
        ),
        Claim(
            "not_the_last",
            "it is not the one used in the cycle before, with more than one in use",
            Mutant(
                _PATH,
                "(points_right | Cat(used_left)) & ~Cat(used_right)",
                "points_right | Cat(used_left)",
            ),
        ),
    ),
)
