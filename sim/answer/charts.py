"""Charts of the answer: what each policy costs and holds, and where switches pay for entries."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sim.svg import pyplot, save

from .cells import REPEATS_CALLS, SLEEPERS, THREADS
from .figures import Figures, harts_of

_FRONT, _OTHER, _BAND, _REFERENCE = "#c44e52", "#9aa5b1", "#4c72b0", "#5b6570"
_ABOVE, _BELOW = (0, 5), (0, -11)
_REFERENCES = {"P0": _ABOVE, "P4": _ABOVE, REPEATS_CALLS: _BELOW}
"""Named in each panel, above or below their points."""
_SAME_KIB = 0.5
_TEXT: dict[str, Any] = {"textcoords": "offset points", "fontsize": 7}
_COLUMNS = 4
_SHOWN = ("P0", "P1", "P3", "P4", "P5", "P8 Svadu", "P9", "P12")
"""In the chart by share of sleepers: one of each idea. Those that are alike share a line."""


def write_charts(figures: Figures, directory: Path) -> list[Path]:
    """Write all charts, byte for byte the same for the same figures."""
    harts = harts_of(figures)
    fronts = [_scatter(figures, count, directory) for count in harts]
    return [*fronts, _by_sleepers(figures, harts[0], directory), _entries(figures, directory)]


def chart_files(figures: Figures) -> list[str]:
    """Names of the charts."""
    fronts = [f"front-{count}.svg" for count in harts_of(figures)]
    return [*fronts, "sleepers.svg", "entries-per-switch.svg"]


def _scatter(figures: Figures, harts: int, directory: Path) -> Path:
    """A panel for each application, most threads asleep: cost to the right, memory upwards."""
    cells = figures.at(harts=harts, sleepers=SLEEPERS[-1])
    highest = max(figures.kib(name, cell) for cell in cells for name in figures.points[cell])
    rows = -(-len(cells) // _COLUMNS)
    figure, axes = pyplot().subplots(
        rows, _COLUMNS, figsize=(13, 3.1 * rows), squeeze=False, sharex=True, sharey=True
    )
    for panel, cell in zip(axes.flat, cells, strict=False):
        front = figures.front(cell, REPEATS_CALLS)
        places = {
            name: (figures.overhead(name, cell), figures.kib(name, cell))
            for name in figures.points[cell]
        }
        for name, at in places.items():
            best = name in front
            panel.scatter(*at, s=22 if best else 10, color=_FRONT if best else _OTHER, zorder=best)
        _label_front(panel, {name: places[name] for name in front})
        for name, text in _REFERENCES.items():
            if name in places and name not in front:
                panel.annotate(name, places[name], xytext=text, color=_REFERENCE, **_TEXT)
        panel.set_title(cell.application, fontsize=9)
        panel.set_xscale("symlog", linthresh=100)
        panel.set_xticks([-100, 0, 100, 1000], ["-100", "0", "100", "1,000"])
        panel.set_ylim(0, highest + 2)
        panel.set_yticks(range(0, round(highest) + 2, 4))
        panel.grid(alpha=0.3)
    for panel in list(axes.flat)[len(cells) :]:
        panel.set_visible(False)
    figure.supxlabel("kernel cycles per system call over those of P0", fontsize=9)
    figure.supylabel("stack, KiB per thread", fontsize=9)
    plural = "hart" if harts == 1 else "harts"
    figure.suptitle(
        f"{harts} {plural}, {SLEEPERS[-1]} of {THREADS} threads asleep; red: on the Pareto front "
        f"without {REPEATS_CALLS}",
        fontsize=10,
    )
    figure.tight_layout()
    return save(figure, directory / f"front-{harts}.svg")


def _label_front(panel: Any, places: dict[str, tuple[float, float]]) -> None:
    """Below each point its name; of points side by side the cheapest one's, and how many more."""
    groups: list[list[str]] = []
    for name in sorted(places, key=lambda name: places[name][::-1]):
        if groups and places[name][1] - places[groups[-1][0]][1] < _SAME_KIB:
            groups[-1].append(name)
        else:
            groups.append([name])
    for group in groups:
        cheapest = min(group, key=lambda name: places[name])
        more = f" and {len(group) - 1} more" if len(group) > 1 else ""
        panel.annotate(cheapest + more, places[cheapest], xytext=_BELOW, color=_FRONT, **_TEXT)


def _by_sleepers(figures: Figures, harts: int, directory: Path) -> Path:
    """Memory by share of sleepers, as the mean of all applications."""
    figure, axes = pyplot().subplots(figsize=(8, 4.2))
    shares = [100 * asleep / THREADS for asleep in SLEEPERS]
    lines: dict[tuple[float, ...], list[str]] = {}
    for name in (shown for shown in _SHOWN if shown in figures.names):
        means = []
        for asleep in SLEEPERS:
            cells = figures.at(harts=harts, sleepers=asleep)
            means.append(sum(figures.kib(name, cell) for cell in cells) / len(cells))
        lines.setdefault(tuple(round(value, 1) for value in means), []).append(name)
    for means, names in lines.items():
        axes.plot(shares, means, marker="o", markersize=3, label=", ".join(names))
    axes.set_xticks(shares)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("threads that sleep all the time, %")
    axes.set_ylabel("stack, KiB per thread")
    axes.set_title(f"Mean of all applications, {THREADS} threads, harts {harts}", fontsize=10)
    axes.grid(alpha=0.3)
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize=8)
    figure.tight_layout()
    return save(figure, directory / "sleepers.svg")


def _entries(figures: Figures, directory: Path) -> Path:
    """Kernel entries per switch of the applications, and where P4 breaks even with P2 and P3."""
    found = figures.break_even["H7"]
    measured = dict(sorted(found["measured_entries_per_switch"].items(), key=lambda item: item[1]))
    figure, axes = pyplot().subplots(figsize=(8, 4.2))
    axes.barh(range(len(measured)), list(measured.values()), color=_OTHER, height=0.6)
    axes.set_yticks(range(len(measured)), list(measured))
    axes.set_xscale("log")
    for number, (policy, even) in enumerate(found["break_even_entries_per_switch"].items()):
        colour = (_FRONT, _BAND)[number]
        axes.axvspan(even["min"], even["max"], color=colour, alpha=0.25, zorder=2)
        axes.axvline(even["median"], color=colour, label=f"P4 costs what {policy} costs")
    axes.set_xlabel("kernel entries per context switch")
    axes.set_title("Right of a line, mapping at switches is cheaper than at entries", fontsize=10)
    axes.legend(fontsize=8)
    figure.tight_layout()
    return save(figure, directory / "entries-per-switch.svg")
