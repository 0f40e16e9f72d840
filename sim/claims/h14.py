"""H14: a plain store against an AMO where an unused page is taken back."""

from __future__ import annotations

from .claim import Claim, Decision, Figures, holds, limited, refuted
from .h13 import yields
from .lab import Lab
from .trial import trial
from .workloads import SEEDS, measured

_PAGES = 3
_HARTS = 2


def measure(lab: Lab) -> Figures:
    plain, atomic, *races = lab.run(
        [
            yields("P2", 1),
            yields("P2-atomic", 1),
            *(
                trial(
                    "P2",
                    f"sqlite-200-seed{seed}",
                    measured("sqlite-insert-select", 200, seed),
                    harts=_HARTS,
                    on="svadu",
                )
                for seed in SEEDS
            ),
        ]
    )
    cycles = {
        name: round(run["phases"]["unmap"]["median"] / _PAGES, 2)
        for name, run in (("plain", plain), ("atomic", atomic))
    }
    return {
        "cycles_per_pte": cycles,
        "extra_cycles_per_pte": round(cycles["atomic"] - cycles["plain"], 2),
        "stale_accesses_with_plain_stores": sum(run["stale_accesses"] for run in races),
        "pages_taken_back_in_passages": sum(run["phases"]["unmap"]["count"] for run in races),
    }


def decide(figures: Figures) -> Decision:
    extra = figures["extra_cycles_per_pte"]
    race = figures["stale_accesses_with_plain_stores"]
    because = (
        f"an AMO costs {extra:+.1f} cycles per PTE ({figures['cycles_per_pte']['atomic']:.1f} and "
        f"{figures['cycles_per_pte']['plain']:.1f}); {race or 'no'} stale accesses with plain "
        f"stores in {figures['pages_taken_back_in_passages']} passages on {_HARTS} harts, whose "
        "walkers set A for the hart that runs the thread and for no other"
    )
    if extra <= 0:
        return refuted(because)
    return holds(because) if race else limited(because)


def evidence(lab: Lab, _figures: Figures) -> list[str]:
    return [lab.window("H14", yields("P2-atomic", 1), "phase:unmap:100", margin=100)]


CLAIM = Claim(
    text="Needing the A bit to be accurate makes clearing atomic, and dearer.",
    origin="DH1",
    decided_by="figure: extra cycles per PTE; race found or not",
    note="holds: dearer, and a race was found; limited: dearer, and none was found; refuted: not "
    "dearer. A race needs a hart that uses the stack of a thread which it does not run.",
    measure=measure,
    decide=decide,
    evidence=evidence,
)
