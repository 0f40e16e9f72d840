"""What can be said of the policies in one sentence each; every figure comes from the runs."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import mean, median

from sim.claims.pareto import SCHEDULES, TOLERANCE, resolution
from sim.firmware import by_number
from sim.protocol.safety import DIRECTED, Safety

from .cells import BASELINE, REPEATS_CALLS, SLEEPERS, Cell
from .figures import Figures, harts_of
from .tables import having, how_safe, on_front, spread

_TOLD = ("P1", "P4", REPEATS_CALLS, "P12")


def sentences(figures: Figures) -> list[str]:
    """Who halves memory for nothing, what some cost and have, who is on the front, who breaks."""
    told = [_told(figures, name) for name in _TOLD if name in figures.names]
    broken = sorted({name for policies in DIRECTED.values() for name in policies}, key=by_number)
    return [
        _halving(figures),
        *told,
        *([_REPEATED] if REPEATS_CALLS in figures.names else []),
        _fronts(figures),
        "On two harts a directed schedule leads a thread, or who wakes it, into a page that is "
        f"another's under {_listed(broken)}. [protocol.md](protocol.md) says what it takes to "
        "break the others.",
    ]


_REPEATED = (
    f"{REPEATS_CALLS} asks more of a kernel than the others: a thread that has to wait leaves it, "
    "and makes its call again from the start ([firmware.md](firmware.md#waits-outside-of-the-"
    f"kernel)). So fronts are given without {REPEATS_CALLS}, too."
)


def _halving(figures: Figures) -> str:
    """Safe policies with half of the baseline's memory that cost no more than can be told."""
    found = []
    for harts in harts_of(figures):
        cells = figures.at(harts=harts, sleepers=SLEEPERS[-1])
        little = resolution(harts) * median(figures.points[cell][BASELINE][0] for cell in cells)
        names = [
            name
            for name in figures.names
            if how_safe(name) is Safety.SAFE
            and len(having(figures, name, cells)) == len(cells)
            and _kib(figures, name, cells) <= _kib(figures, BASELINE, cells) / 2
            and median(figures.overhead(name, cell) for cell in cells) <= little
        ]
        found.append(f"on {harts} {_plural(harts)} {_listed(names)}")
    return (
        f"**Half of the stack memory for nothing**: safe, with half of what {BASELINE} has or "
        f"less, and in the median at no cost that can be told (below {TOLERANCE:.0%} of a call's "
        f"cycles, on several harts {SCHEDULES:.0%}), though single applications may pay more: "
        f"{'; '.join(found)}."
    )


def _told(figures: Figures, name: str) -> str:
    cells = having(figures, name, figures.points)
    fronts = f"on the Pareto front of {on_front(figures, name, cells)} of {len(cells)} cells"
    if name != REPEATS_CALLS and REPEATS_CALLS in figures.names:
        fronts += f", of {on_front(figures, name, cells, REPEATS_CALLS)} without {REPEATS_CALLS}"
    return f"**{name}** takes {_described(figures, name)}, and is {fronts}."


def _fronts(figures: Figures) -> str:
    wherever = {name: having(figures, name, figures.points) for name in figures.names}
    among_all = {name: on_front(figures, name, cells) for name, cells in wherever.items()}
    among_others = {
        name: on_front(figures, name, cells, REPEATS_CALLS) for name, cells in wherever.items()
    }
    always = [name for name, cells in wherever.items() if among_all[name] == len(cells)]
    others = [name for name, cells in wherever.items() if among_others[name] == len(cells)]
    never = [name for name in wherever if not among_all[name] and not among_others[name]]
    text = f"On the front wherever they were run: {_listed(always)}."
    if REPEATS_CALLS in figures.names:
        text += f" Without {REPEATS_CALLS}: {_listed(others)}."
    return f"{text} Nowhere: {_listed(never)}."


def _described(figures: Figures, name: str) -> str:
    """Cost and memory by harts with most threads asleep."""
    cells = {
        harts: having(figures, name, figures.at(harts=harts, sleepers=SLEEPERS[-1]))
        for harts in harts_of(figures)
    }
    own = {harts: there for harts, there in cells.items() if there}
    cycles = _by_harts(
        {n: spread([figures.overhead(name, cell) for cell in there]) for n, there in own.items()},
        "cycles",
    )
    memory = _by_harts(
        {n: f"{_kib(figures, name, there):.1f}" for n, there in own.items()}, "KiB per thread"
    )
    whole = _kib(figures, BASELINE, next(iter(own.values())))
    return f"{cycles}, has {memory}, where {BASELINE} has {whole:.1f}"


def _by_harts(values: dict[int, str], unit: str) -> str:
    """`5 cycles on 1 hart, 7 on 2`."""
    (harts, first), *others = values.items()
    return ", ".join(
        [f"{first} {unit} on {harts} {_plural(harts)}", *(f"{value} on {n}" for n, value in others)]
    )


def _plural(harts: int) -> str:
    return "hart" if harts == 1 else "harts"


def _kib(figures: Figures, name: str, cells: Iterable[Cell]) -> float:
    return mean(figures.kib(name, cell) for cell in cells)


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "none"
