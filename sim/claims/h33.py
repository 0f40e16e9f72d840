"""H33: growing on fault with shrinking after the switch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .claim import Claim, Decision, Figures, holds, limited, refuted
from .h04 import queueing
from .lab import Lab
from .pareto import SCHEDULES, TOLERANCE, front
from .trial import Trial, trial
from .workloads import SEEDS, applications, measured

_OURS = "P12"
_RIVALS = ("P0", "P1", "P3")
_CALLS = 80
_EVERYWHERE = ("sqlite-insert-select", "find-grep")
"""Applications that are run on every machine: the one with most switches and that with fewest."""
_MACHINES = ((1, 1), (1, 0), (2, 1), (2, 0), (4, 1))
"""Harts, and whether invalid PTEs are cached."""
_FIRST = _MACHINES[0]
_POLICIES = (_OURS, *_RIVALS)


Cell = tuple[str, int, int]
"""Application, harts, and whether invalid PTEs are cached."""


def _trial(policy: str, cell: Cell, seed: int) -> Trial:
    name, harts, caches = cell
    return trial(
        policy,
        f"{name}-{_CALLS}-seed{seed}",
        measured(name, _CALLS, seed),
        harts=harts,
        straps={"cache_invalid_ptes": caches},
    )


def _fronts(lab: Lab, cells: Sequence[Cell], seeds: Sequence[int]) -> list[dict[str, Any]]:
    """For each cell and seed what the policies cost and hold, and who is not dominated."""
    keys = [(policy, cell, seed) for cell in cells for seed in seeds for policy in _POLICIES]
    runs = dict(zip(keys, lab.run([_trial(*key) for key in keys]), strict=True))
    found = []
    for cell in cells:
        for seed in seeds:
            points = {
                policy: (
                    runs[policy, cell, seed]["cycles_per_syscall"],
                    runs[policy, cell, seed]["stack_kib_per_thread"],
                )
                for policy in _POLICIES
            }
            found.append(
                {
                    "cell": list(cell),
                    "seed": seed,
                    "cycles_and_kib": points,
                    "front": front(points, cell[1]),
                    "stale_accesses": runs[_OURS, cell, seed]["stale_accesses"],
                }
            )
    return found


def measure(lab: Lab) -> Figures:
    cells: list[Cell] = [
        (name, *machine)
        for name, _ in applications()
        for machine in (_MACHINES if name in _EVERYWHERE else (_FIRST,))
    ]
    rows = _fronts(lab, cells, SEEDS[:1])
    doubtful = [cell for cell, row in zip(cells, rows, strict=True) if _OURS not in row["front"]]
    rows += _fronts(lab, doubtful, SEEDS[1:2])
    (shared,) = lab.run([queueing(_OURS)])
    return {
        "rows": rows,
        "stale_accesses": sum(row["stale_accesses"] for row in rows),
        "stale_accesses_with_shared_objects": shared["stale_accesses"],
    }


def _beaten(figures: Figures) -> list[list]:
    """Cells in which the policy is dominated whatever the seed."""
    cells: dict[str, list[dict]] = {}
    for row in figures["rows"]:
        cells.setdefault(str(row["cell"]), []).append(row)
    return [
        rows[0]["cell"] for rows in cells.values() if not any(_OURS in row["front"] for row in rows)
    ]


def decide(figures: Figures) -> Decision:
    beaten = _beaten(figures)
    cells = {str(row["cell"]) for row in figures["rows"]}
    stale, shared = figures["stale_accesses"], figures["stale_accesses_with_shared_objects"]
    because = (
        f"P12 is non-dominated in {len(cells) - len(beaten)} of {len(cells)} cells, beside "
        f"{', '.join(_RIVALS)}; {stale} stale accesses without shared stack objects"
    )
    if beaten or stale:
        return refuted(because)
    because += f", {shared} with them"
    return limited(because) if shared else holds(because)


def evidence(lab: Lab, figures: Figures) -> list[str]:
    found = [
        f"cell: {name}, harts {harts}, invalid PTEs {'cached' if caches else 'not cached'}"
        for name, harts, caches in _beaten(figures)
    ]
    if figures["stale_accesses_with_shared_objects"]:
        found.append(lab.window("H33", queueing(_OURS), "stale:0", margin=200))
    return found


CLAIM = Claim(
    text="Grow on fault with shrink after the switch (P12) is on the Pareto front for every "
    "measured application: entry cost of P1, memory of P3, no IPI.",
    origin="derived",
    decided_by="holds if P12 is non-dominated in every cell and the oracle finds nothing; limited "
    "if it needs a remedy, whose price is given",
    note="Against the cheapest and the smallest of the others; P4 and P8 are in H32, where they "
    "cost and hold more in every cell. Every application runs on one hart; two of them on 1, 2 and "
    "4 harts, and on 1 and 2 without caching of invalid PTEs. A cell in which P12 is dominated is "
    "run with another seed, and counts if it is with both: several harts go other ways when "
    f"anything moves. Better means by more than {TOLERANCE:.0%}, for cycles on several harts by "
    f"more than {SCHEDULES:.0%}.",
    measure=measure,
    decide=decide,
    evidence=evidence,
)
