"""Tornado charts: the cost of a policy as it is, and how far each parameter moves it."""

from __future__ import annotations

from pathlib import Path

from sim.svg import pyplot, save

from .outcome import BASELINE, cost
from .settings import AS_IS, Setting
from .study import Study

_DEARER, _CHEAPER = "#c44e52", "#4c72b0"
_BAR = 0.38
"""Height of a bar, of which a parameter has one or two in its row of height 1."""


def bars(study: Study, policy: str) -> list[tuple[str, list[tuple[Setting, float]]]]:
    """Parameters with the change of cost of each setting, the largest change first."""
    base = cost(study, AS_IS, policy)
    changes: dict[str, list[tuple[Setting, float]]] = {}
    for setting in study.cycles:
        if setting != AS_IS:
            changes.setdefault(setting.parameter, []).append(
                (setting, cost(study, setting, policy) - base)
            )
    return sorted(changes.items(), key=lambda item: -max(abs(by) for _, by in item[1]))


def write_chart(study: Study, policy: str, directory: Path) -> Path:
    """Write the chart of one policy, byte for byte the same for the same figures."""
    rows = bars(study, policy)
    base = cost(study, AS_IS, policy)
    figure, axes = pyplot().subplots(figsize=(8, 0.55 * len(rows) + 1.4))
    for row, (_, changes) in enumerate(rows):
        for number, (setting, by) in enumerate(changes):
            place = row + _BAR * (number - (len(changes) - 1) / 2)
            axes.barh(place, by, left=base, color=_DEARER if by > 0 else _CHEAPER, height=_BAR)
            axes.annotate(
                f" {setting.value} ",
                (base + by, place),
                ha="left" if by >= 0 else "right",
                va="center",
                fontsize=8,
            )
    axes.axvline(base, color="black", linewidth=0.8)
    axes.set_yticks(range(len(rows)), [name for name, _ in rows])
    axes.invert_yaxis()
    axes.margins(x=0.25)
    axes.set_xlabel(f"cycles per system call over {BASELINE} under the same setting")
    axes.set_title(f"{policy} on {study.workload}: {base:+.1f} cycles as preset rocket has it")
    figure.tight_layout()
    return save(figure, directory / f"{policy}.svg")
