"""H29: a fence on other harts only where a stack was shared."""

from __future__ import annotations

from .claim import Claim, Decision, Figures, holds, refuted, shown, spread
from .lab import Lab
from .trial import Trial, trial
from .workloads import SEEDS, measured

_SHARED = "P4-shared"
_POLICIES = ("P4", "P4-ipi", _SHARED)
_HARTS, _CALLS = 2, 200


def _trial(policy: str, seed: int) -> Trial:
    workload = measured("find-grep", _CALLS, seed)
    return trial(policy, f"find-grep-{_CALLS}-seed{seed}", workload, harts=_HARTS)


def measure(lab: Lab) -> Figures:
    keys = [(policy, seed) for policy in _POLICIES for seed in SEEDS]
    runs = dict(zip(keys, lab.run([_trial(*key) for key in keys]), strict=True))

    def mapping(policy: str, seed: int) -> float:
        phases = runs[policy, seed]["phases"]
        unmap = phases["unmap"]
        cycles = phases["map"]["cycles"] + unmap["cycles"] + unmap["nested_cycles"]
        return cycles / phases["map"]["count"]

    upkeep = [mapping(_SHARED, seed) - mapping("P4", seed) for seed in SEEDS]
    fence = [mapping("P4-ipi", seed) - mapping("P4", seed) for seed in SEEDS]
    return {
        "upkeep_cycles_per_exit": spread(upkeep),
        "fence_cycles_per_exit": spread(fence),
        "break_even_sharing": spread(
            [1 - own / always for own, always in zip(upkeep, fence, strict=True)], 3
        ),
    }


def decide(figures: Figures) -> Decision:
    even = figures["break_even_sharing"]
    because = (
        f"keeping the flag costs {shown(figures['upkeep_cycles_per_exit'])} cycles per exit where "
        f"nothing is shared, a fence on all of {_HARTS} harts "
        f"{shown(figures['fence_cycles_per_exit'])}; they break even at a share of "
        f"{shown(even, 2)} of stacks that are shared"
    )
    return holds(because) if even["min"] > 0 else refuted(because)


def evidence(lab: Lab, _figures: Figures) -> list[str]:
    return [lab.window("H29", _trial(_SHARED, SEEDS[0]), "phase:unmap:40", margin=300)]


CLAIM = Claim(
    text="Tracking whether a stack is shared is cheaper than an IPI each time.",
    origin="T10",
    decided_by="break-even sharing fraction s with interval",
    note="Cost is upkeep + s x fence against fence: they are equal at s = 1 - upkeep / fence. "
    "holds if that is above 0 for every seed.",
    measure=measure,
    decide=decide,
    evidence=evidence,
)
