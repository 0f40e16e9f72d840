"""H33: growing on fault with shrinking after the switch."""

from __future__ import annotations

from typing import Any

from sim.workload.builtin import DIRECTED

from .claim import Claim, Decision, Figures, holds, limited, refuted, undecided
from .h04 import WORKLOAD, queueing
from .lab import Lab, Trial, trial
from .pareto import front
from .workloads import applications, measured

_OURS = "P12"
_RIVALS = ("P0", "P1", "P3", "P8")
_CALLS = 80
_EVERYWHERE = ("sqlite-insert-select", "find-grep")
"""Applications that are run on every machine: the one with most switches and that with fewest."""
_MACHINES = tuple((harts, caches) for harts in (1, 2, 4) for caches in (1, 0))
_FIRST = _MACHINES[0]


def _trial(policy: str, name: str, harts: int, caches: int) -> Trial:
    return trial(
        policy,
        f"{name}-{_CALLS}",
        measured(name, _CALLS),
        harts=harts,
        straps={"cache_invalid_ptes": caches},
    )


def measure(lab: Lab) -> Figures:
    cells = [
        (name, *machine)
        for name, _ in applications()
        for machine in (_MACHINES if name in _EVERYWHERE else (_FIRST,))
    ]
    keys = [(policy, *cell) for cell in cells for policy in (_OURS, *_RIVALS)]
    runs = dict(zip(keys, lab.run([_trial(*key) for key in keys]), strict=True))
    found: list[dict[str, Any]] = []
    for cell in cells:
        points = {
            policy: (
                runs[policy, *cell]["cycles_per_syscall"],
                runs[policy, *cell]["stack_kib_per_thread"],
            )
            for policy in (_OURS, *_RIVALS)
        }
        found.append(
            {
                "application": cell[0],
                "harts": cell[1],
                "caches_invalid_ptes": cell[2],
                "cycles_and_kib": points,
                "front": front(points),
            }
        )
    shared = lab.run([queueing(_OURS)]) if WORKLOAD in DIRECTED else []
    return {
        "cells": found,
        "stale_accesses": sum(runs[_OURS, *cell]["stale_accesses"] for cell in cells),
        "stale_accesses_with_shared_objects": shared[0]["stale_accesses"] if shared else None,
    }


def decide(figures: Figures) -> Decision:
    cells = figures["cells"]
    beaten = [cell for cell in cells if _OURS not in cell["front"]]
    stale, shared = figures["stale_accesses"], figures["stale_accesses_with_shared_objects"]
    because = (
        f"P12 is non-dominated in {len(cells) - len(beaten)} of {len(cells)} cells, beside "
        f"{', '.join(_RIVALS)}; {stale} stale accesses without shared stack objects"
    )
    if beaten or stale:
        return refuted(because)
    if shared is None:
        return undecided(
            f"needs the workload {WORKLOAD}, in which another hart reads an object on a stack; "
            + because
        )
    because += f", {shared} with them"
    return limited(because) if shared else holds(because)


def evidence(lab: Lab, figures: Figures) -> list[str]:
    if figures["stale_accesses_with_shared_objects"]:
        return [lab.window("H33", queueing(_OURS), "stale:0", margin=200)]
    return [
        f"cell: {cell['application']}, harts {cell['harts']}, invalid PTEs "
        f"{'cached' if cell['caches_invalid_ptes'] else 'not cached'}: {', '.join(cell['front'])}"
        for cell in figures["cells"]
        if _OURS not in cell["front"]
    ]


CLAIM = Claim(
    text="Grow on fault with shrink after the switch (P12) is on the Pareto front for every "
    "measured application: entry cost of P1, memory of P3, no IPI.",
    origin="derived",
    decided_by="holds if P12 is non-dominated in every cell and the oracle finds nothing; limited "
    "if it needs a remedy, whose price is given",
    note="Against one rival for each idea; H32 has P4 too, which costs more and holds more. Every "
    "application runs on one hart; two of them on 1, 2 and 4 harts with and without caching of "
    "invalid PTEs.",
    measure=measure,
    decide=decide,
    evidence=evidence,
)
