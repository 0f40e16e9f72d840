"""What a study says: the cost of each policy, and where the order of policies changes."""

from __future__ import annotations

from itertools import combinations

from rich.table import Table

from sim.report import plain_table, ratio

from .settings import AS_IS, Setting
from .study import Study

BASELINE = "P0"


def cost(study: Study, setting: Setting, policy: str) -> float:
    """Cycles per system call over those of the baseline under the same setting."""
    return study.cycles[setting][policy] - study.cycles[setting][BASELINE]


def cost_table(study: Study) -> Table:
    """A row for each setting, a column for each policy."""
    table = plain_table(
        f"Cycles per system call on {study.workload}: of {BASELINE}, and what the others cost more",
        ["setting", "value"],
        list(study.policies),
    )
    for setting, cycles in study.cycles.items():
        table.add_row(
            setting.parameter,
            setting.value,
            *(
                ratio(cycles[policy] if policy == BASELINE else cost(study, setting, policy), 1)
                for policy in study.policies
            ),
        )
    return table


def flipped(study: Study) -> list[tuple[str, str, Setting]]:
    """Pairs of policies, the cheaper one under the preset first, that change places."""
    found = []
    for pair in combinations(study.policies, 2):
        cheap, dear = sorted(pair, key=study.cycles[AS_IS].__getitem__)
        found += [
            (cheap, dear, setting)
            for setting, cycles in study.cycles.items()
            if cycles[cheap] > cycles[dear]
        ]
    return found


def flips(study: Study) -> list[str]:
    """Sentences about the order of the policies."""
    base = study.cycles[AS_IS]
    order = " < ".join(sorted(study.policies, key=base.__getitem__))
    lines = [f"order under the preset: {order}"]
    for cheap, dear, setting in flipped(study):
        cycles = study.cycles[setting]
        lines.append(
            f"{setting.name}: {dear} is cheaper than {cheap}, by "
            f"{cycles[cheap] - cycles[dear]:.1f} cycles a call; under the preset it costs "
            f"{base[dear] - base[cheap]:.1f} more"
        )
    if len(lines) == 1:
        lines.append("the order is the same under every setting")
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
            {"cheaper": cheap, "dearer": dear, "setting": setting.name}
            for cheap, dear, setting in flipped(study)
        ],
    }
