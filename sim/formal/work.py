"""Which proofs are wanted, and how they share the processors."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ..errors import UserError
from . import solver
from .harness import Claim, Harness
from .proof import Kill, Proof, kill, mutated, prove


@dataclass(frozen=True)
class Selection:
    """A harness, and those of its claims that are wanted."""

    harness: Harness
    claims: tuple[Claim, ...]


@dataclass(frozen=True)
class Done:
    """What came of a selection; `kills` in the order of its claims."""

    selection: Selection
    proof: Proof
    kills: tuple[Kill, ...]


def select(harnesses: Mapping[str, Harness], names: Sequence[str]) -> list[Selection]:
    """Return what `names` select, all of it where there are none; raise UserError for others."""
    if not names:
        return [Selection(harness, harness.claims) for harness in harnesses.values()]
    wanted: dict[str, set[str]] = {}
    for name in names:
        group, _, claim = name.partition(".")
        if group not in harnesses:
            raise UserError(f"there is no group '{group}': use {', '.join(harnesses)}")
        known = [one.name for one in harnesses[group].claims]
        if claim and claim not in known:
            raise UserError(f"{group} has no property '{claim}': use {', '.join(known)}")
        wanted.setdefault(group, set()).update([claim] if claim else known)
    return [
        Selection(
            harnesses[group],
            tuple(claim for claim in harnesses[group].claims if claim.name in claims),
        )
        for group, claims in wanted.items()
    ]


def prove_all(selections: list[Selection], jobs: int) -> list[Done]:
    """Prove everything, `jobs` at a time, and tell on standard error how it goes.

    Raises UserError for a mutant that does not apply, before anything is proved.
    """
    for selection in selections:
        for claim in selection.claims:
            mutated(claim.mutant)
    with ThreadPoolExecutor(jobs) as pool:
        proofs = [pool.submit(prove, selection.harness) for selection in selections]
        kills = [
            [pool.submit(kill, selection.harness, claim) for claim in selection.claims]
            for selection in selections
        ]
        done = []
        try:
            for selection, proof, mutants in zip(selections, proofs, kills, strict=True):
                result = Done(selection, proof.result(), tuple(one.result() for one in mutants))
                done.append(result)
                verdict = "proved" if result.proof.inductive else "NOT PROVED"
                print(f"formal: {selection.harness.name}: {verdict}", file=sys.stderr, flush=True)
        finally:
            # After an error or Ctrl-C nobody waits for the searches under way.
            solver.stop_all([*proofs, *itertools.chain.from_iterable(kills)])
    return done
