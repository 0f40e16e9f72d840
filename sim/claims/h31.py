"""H31: a private stack, and a thread that sleeps in the kernel and wakes elsewhere."""

from __future__ import annotations

from sim.workload.builtin import DIRECTED

from .claim import Claim, Decision, Figures, holds, limited, refuted, shown, spread
from .lab import Lab
from .trial import trial
from .workloads import measured

_REMEDIES = {
    "P4-migfence": "fence of the thread's range where it arrives",
    "P4-ipi": "fence on all harts at unmap",
    "P11-epoch": "generation: pages go to another hart after a fence there",
}
_HARTS = 2
_SEEDS = (1, 2, 3, 4, 5)
"""With several harts each run has a schedule of its own, whose luck is larger than a fence."""


def measure(lab: Lab) -> Figures:
    policies = ("P4", *_REMEDIES)
    keys = [(policy, seed) for policy in policies for seed in _SEEDS]
    schedules = [trial(policy, "h31", DIRECTED["h31"](), harts=_HARTS) for policy in policies]
    usual = [
        trial(
            policy,
            f"sqlite-400-seed{seed}",
            measured("sqlite-insert-select", calls=400, seed=seed),
            harts=_HARTS,
        )
        for policy, seed in keys
    ]
    readings = lab.run([*schedules, *usual])
    schedule = dict(zip(policies, readings, strict=False))
    cycles = {
        key: run["cycles_per_syscall"]
        for key, run in zip(keys, readings[len(policies) :], strict=True)
    }
    return {
        "stale_accesses": {name: run["stale_accesses"] for name, run in schedule.items()},
        "damaged_frames": {name: run["damaged_frames"] for name, run in schedule.items()},
        "price_cycles_per_call": {
            name: spread([cycles[name, seed] - cycles["P4", seed] for seed in _SEEDS])
            for name in _REMEDIES
        },
        "cycles_per_call_of_P4": spread([cycles["P4", seed] for seed in _SEEDS]),
    }


def decide(figures: Figures) -> Decision:
    stale, damaged = figures["stale_accesses"], figures["damaged_frames"]
    cured = [name for name in _REMEDIES if not stale[name] and not damaged[name]]
    prices = ", ".join(
        f"{name} {shown(price, 0)}" for name, price in figures["price_cycles_per_call"].items()
    )
    because = (
        f"P4 as mailed: {stale['P4']} stale accesses, {damaged['P4']} frames of another thread "
        f"damaged; none under {', '.join(cured) or 'no remedy'}, which cost, over P4 "
        f"and in cycles per call on sqlite-insert-select and {_HARTS} harts, {prices}"
    )
    if not (stale["P4"] and damaged["P4"]):
        return refuted(because)
    return holds(because) if len(cured) == len(_REMEDIES) else limited(because)


def evidence(lab: Lab, figures: Figures) -> list[str]:
    place = "stale:0" if figures["stale_accesses"]["P4"] else "phase:map:0"
    return [lab.window("H31", trial("P4", "h31", DIRECTED["h31"](), harts=_HARTS), place, 200)]


CLAIM = Claim(
    text="Local invalidation where pages are mapped is not enough even for a private stack: a "
    "thread that sleeps inside the kernel on one hart and wakes on another can meet that hart's "
    "stale translation of its own stack.",
    origin="derived from T9",
    decided_by="holds if step (5) of the schedule is stale and damages U, and each remedy removes "
    "it",
    note="The schedule is the workload h31 (docs/workloads.md). A mapping generation per thread is "
    "not built; the generation that is, P11-epoch, belongs to the page. limited where a remedy "
    "fails.",
    measure=measure,
    decide=decide,
    evidence=evidence,
)
