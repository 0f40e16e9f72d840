"""H32: whether one policy is best everywhere."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

from sim.workload.applications import application
from sim.workload.builtin import OFTEN
from sim.workload.generate import deepen, generate
from sim.workload.threads import Workload

from .claim import Claim, Decision, Figures, holds, refuted
from .lab import Lab
from .pareto import SCHEDULES, TOLERANCE, front
from .trial import Trial, trial

_POLICIES = ("P0", "P1", "P3", "P4-migfence", "P8", "P12")
_DEPTHS = {"as measured": 0, "one in 5 deep": 5}
_SLEEPERS = {"few": 1, "many": 6}
"""Times the four sleepers of the built-in workloads."""
_HARTS: tuple[int, ...] = (1, 2)
_SEEDS: tuple[int, ...] = (1, 2)
_CALLS = 120


def cell(depth: str, sleepers: str, seed: int) -> Workload:
    """Calls of sqlite-insert-select: some of them deep, among few or many threads that sleep."""
    plan = replace(
        OFTEN, calls=_CALLS, sleepers=OFTEN.sleepers * _SLEEPERS[sleepers], idle_ticks=2_500
    )
    made = generate(application("sqlite-insert-select"), plan, seed)
    one_in = _DEPTHS[depth]
    return deepen(made, (1, one_in), 5 << 10, 15 << 10, seed) if one_in else made


def _trial(policy: str, depth: str, sleepers: str, harts: int, seed: int) -> Trial:
    name = f"{depth}-{sleepers}-sleepers-seed{seed}".replace(" ", "-")
    return trial(policy, name, cell(depth, sleepers, seed), harts=harts)


def measure(lab: Lab) -> Figures:
    cells = list(product(_DEPTHS, _SLEEPERS, _HARTS))
    keys = [(policy, *place, seed) for place in cells for policy in _POLICIES for seed in _SEEDS]
    runs = dict(zip(keys, lab.run([_trial(*key) for key in keys]), strict=True))

    def figure(policy: str, place: tuple[str, str, int], name: str) -> list[float]:
        return [runs[policy, *place, seed][name] for seed in _SEEDS]

    found = []
    for place in cells:
        cycles = {p: figure(p, place, "cycles_per_syscall") for p in _POLICIES}
        kib = {p: figure(p, place, "stack_kib_per_thread") for p in _POLICIES}
        fronts = [
            front({p: (cycles[p][n], kib[p][n]) for p in _POLICIES}, harts=place[2])
            for n in range(len(_SEEDS))
        ]
        found.append(
            {
                "depth": place[0],
                "sleepers": place[1],
                "harts": place[2],
                "cycles_per_call": cycles,
                "kib_per_thread": kib,
                "front": [p for p in _POLICIES if all(p in one for one in fronts)],
                "front_for_some_seed": [p for p in _POLICIES if any(p in one for one in fronts)],
            }
        )
    return {"seeds": list(_SEEDS), "cells": found}


def _names(policies: list[str]) -> str:
    return ", ".join(policies) or "none"


def decide(figures: Figures) -> Decision:
    cells = figures["cells"]
    always = [p for p in _POLICIES if all(p in one["front"] for one in cells)]
    never = [p for p in _POLICIES if not any(p in one["front_for_some_seed"] for one in cells)]
    # A policy that is on some front for every seed, and on another front for none.
    moves = [
        p
        for p in _POLICIES
        if any(p in one["front"] for one in cells)
        and any(p not in one["front_for_some_seed"] for one in cells)
    ]
    because = (
        f"of {', '.join(_POLICIES)} in {len(cells)} cells with {len(figures['seeds'])} seeds each: "
        f"non-dominated in all {_names(always)}, in none {_names(never)}, "
        f"in some for every seed and in others for none {_names(moves)}"
    )
    return holds(because) if moves else refuted(because)


def evidence(_lab: Lab, figures: Figures) -> list[str]:
    return [
        f"cell: depth {one['depth']}, {one['sleepers']} sleepers, harts {one['harts']}: "
        + ", ".join(one["front"])
        for one in figures["cells"]
    ]


CLAIM = Claim(
    text="No single policy wins: which policies are Pareto-optimal in cycles per system call and "
    "stack held per thread depends on the share of deep calls, the share of sleepers and the "
    "number of harts.",
    origin="derived",
    decided_by="holds if the non-dominated set differs between cells",
    note=f"One policy for each idea. Better means by more than {TOLERANCE:.0%}, which the layout "
    f"of an image alone can move, for cycles on two harts by more than {SCHEDULES:.0%}; a "
    "difference counts if every seed has it.",
    measure=measure,
    decide=decide,
    evidence=evidence,
)
