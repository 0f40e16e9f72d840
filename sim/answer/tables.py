"""Tables of the answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from rich.table import Table

from sim.protocol.safety import Safety, safety
from sim.report import number, plain_table, ratio

from .cells import BASELINE, REPEATS_CALLS, SLEEPERS, THREADS, Cell
from .figures import Figures, harts_of


def spread(values: Sequence[float]) -> str:
    """Median, and least to largest where they are not the same, with their signs."""
    least, middle, most = (f"{value:+.0f}" for value in (min(values), median(values), max(values)))
    return middle if least == most else f"{middle} ({least} to {most})"


def having(figures: Figures, name: str, cells: Iterable[Cell]) -> list[Cell]:
    """Those of the cells in which a contender was run."""
    return [cell for cell in cells if name in figures.points[cell]]


def how_safe(name: str) -> Safety:
    """What is known of a contender's policy."""
    return safety(name.split(maxsplit=1)[0])


def policies_table(figures: Figures) -> Table:
    """A row for each contender, over all applications."""
    harts = harts_of(figures)
    table = plain_table(
        f"Kernel cycles per system call over those of {BASELINE} with {SLEEPERS[-1]} of {THREADS} "
        "threads asleep: median (least to most) of all applications; and the mean of their stack "
        "KiB per thread, on the fewest harts, with so many threads asleep",
        ["policy", "safe"],
        [
            *(f"cycles\n{count} hart{'s' * (count > 1)}" for count in harts),
            *(f"KiB\n{asleep} asleep" for asleep in SLEEPERS),
            "on the\nfront",
            f"without\n{REPEATS_CALLS}",
        ],
    )
    for name in figures.names:
        costs = []
        for count in harts:
            cells = having(figures, name, figures.at(harts=count, sleepers=SLEEPERS[-1]))
            costs.append(spread([figures.overhead(name, cell) for cell in cells]) if cells else "-")
        memory = []
        for asleep in SLEEPERS:
            cells = having(figures, name, figures.at(sleepers=asleep, harts=harts[0]))
            mean = sum(figures.kib(name, cell) for cell in cells) / max(len(cells), 1)
            memory.append(ratio(mean, 2) if cells else "-")
        cells = having(figures, name, figures.points)
        table.add_row(
            name,
            how_safe(name).value,
            *costs,
            *memory,
            f"{number(on_front(figures, name, cells))} of {len(cells)}",
            number(on_front(figures, name, cells, REPEATS_CALLS)) if name != REPEATS_CALLS else "-",
        )
    return table


def on_front(figures: Figures, name: str, cells: Iterable[Cell], but: str | None = None) -> int:
    """In how many cells nobody dominates a contender, nobody `but` one."""
    return sum(name in figures.front(cell, but) for cell in cells)


def fronts_table(figures: Figures, sleepers: int) -> Table:
    """Contenders that none but P9 dominates, by application and number of harts."""
    table = plain_table(
        f"On the Pareto front without {REPEATS_CALLS}, {sleepers} of {THREADS} threads asleep",
        ["application", "harts", "policies"],
        [],
    )
    cells = figures.at(sleepers=sleepers)
    for application in dict.fromkeys(cell.application for cell in cells):
        own = [cell for cell in cells if cell.application == application]
        for number_of_row, cell in enumerate(own):
            name = "" if number_of_row else application
            table.add_row(name, str(cell.harts), ", ".join(figures.front(cell, REPEATS_CALLS)))
    return table
