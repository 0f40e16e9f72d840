"""What a study says: the cost of each policy, and where the order of policies changes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb
from textwrap import wrap

from rich.table import Table

from sim.claims.pareto import TOLERANCE
from sim.report import plain_table, ratio

from .settings import AS_IS, Setting
from .study import Study

BASELINE = "P0"
_HEADING = 10
"""Characters of a column's heading, which has as many lines as it takes."""


@dataclass(frozen=True)
class Flip:
    """A pair of policies that changes places under a setting.

    `before` is what `dear` costs more than `cheap` under the preset, `after` what it costs less
    under `setting`, in cycles per system call.
    """

    cheap: str
    dear: str
    setting: Setting
    before: float
    after: float


def cost(study: Study, setting: Setting, policy: str) -> float:
    """Cycles per system call over those of the baseline under the same setting."""
    return study.cycles[setting][policy] - study.cycles[setting][BASELINE]


def cost_table(study: Study) -> Table:
    """A row for each policy, a column for each setting."""
    table = plain_table(
        f"Cycles per system call on {study.workload}: of {BASELINE}, and what the others cost more",
        ["policy"],
        ["\n".join(wrap(f"{s.parameter}: {s.value}", _HEADING)) for s in study.cycles],
    )
    for policy in study.policies:
        table.add_row(
            policy,
            *(
                ratio(cycles[policy] if policy == BASELINE else cost(study, setting, policy), 1)
                for setting, cycles in study.cycles.items()
            ),
        )
    return table


def flipped(study: Study) -> list[Flip]:
    """Pairs that change places, under each setting that does it."""
    found = []
    base = study.cycles[AS_IS]
    for pair in combinations(study.policies, 2):
        cheap, dear = sorted(pair, key=base.__getitem__)
        found += [
            Flip(cheap, dear, setting, base[dear] - base[cheap], cycles[cheap] - cycles[dear])
            for setting, cycles in study.cycles.items()
            if cycles[cheap] > cycles[dear]
        ]
    return found


def counts(study: Study, flip: Flip) -> bool:
    """Whether the pair is further apart than can be told on both sides of the flip."""
    return (
        flip.before > TOLERANCE * study.cycles[AS_IS][BASELINE]
        and flip.after > TOLERANCE * study.cycles[flip.setting][BASELINE]
    )


def flips(study: Study) -> list[str]:
    """Sentences about the order of the policies."""
    base = study.cycles[AS_IS]
    order = " < ".join(sorted(study.policies, key=base.__getitem__))
    found = flipped(study)
    lines = [f"order under the preset: {order}"]
    lines += [
        f"{flip.setting.name}: {flip.dear} is cheaper than {flip.cheap}, by {flip.after:.1f} "
        f"cycles a call; under the preset it costs {flip.before:.1f} more"
        for flip in found
        if counts(study, flip)
    ]
    if len(lines) == 1:
        lines.append(
            "the order is the same under every setting"
            if not found
            else "no two policies change places that are further apart than "
            f"{TOLERANCE:.0%} of {BASELINE}'s cycles on both sides"
        )
    near = {(flip.cheap, flip.dear) for flip in found if not counts(study, flip)}
    if near:
        lines.append(
            f"pairs that change places within {TOLERANCE:.0%} of {BASELINE}'s cycles, and so have "
            f"no order: {len(near)} of {comb(len(study.policies), 2)}; --json lists them"
        )
    return lines


def as_json(study: Study) -> dict:
    """Figures of `dynstack sensitivity --json`."""
    return {
        "workload": study.workload,
        "settings": [
            {
                "parameter": setting.parameter,
                "value": setting.value,
                "cycles_per_syscall": cycles,
            }
            for setting, cycles in study.cycles.items()
        ],
        "flips": [
            {
                "cheaper": flip.cheap,
                "dearer": flip.dear,
                "setting": flip.setting.name,
                "cycles_before": flip.before,
                "cycles_after": flip.after,
                "counts": counts(study, flip),
            }
            for flip in flipped(study)
        ],
    }
