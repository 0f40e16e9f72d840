"""The answer in words: sentences to quote, tables and charts, all made from the figures."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from statistics import mean, median

from rich.console import Console
from rich.table import Table

from sim.claims.pareto import TOLERANCE
from sim.report import print_whole
from sim.results import write_file
from sim.soak import UNSAFE

from .cells import BASELINE, SLEEPERS, THREADS, Cell
from .charts import chart_files
from .figures import Figures, by_number, harts_of
from .tables import fronts_table, having, policies_table, spread, unsafe

_ALWAYS_TOLD = ("P1", "P4", "P12")
_IN_SHORT = f"""## In short

Cycles are those of the kernel per system call, over those of {BASELINE}: the median, and the least
and the most, of all applications with {SLEEPERS[-1]} of {THREADS} threads asleep.

"""

_HOW_TO_READ = f"""`safe` is `no` where a directed schedule of two harts breaks the policy (h31,
h4); [protocol.md](protocol.md) has the conditions under which others break. `Svadu` is a walker
that sets A and D bits; without the word they are set by traps. Differences below 3 % of a call's
cycles mean nothing: where the linker puts data moves them as much. With several harts each policy
has a schedule of wake-ups of its own, and differences of less than a tenth mean nothing. What takes
less than {BASELINE} takes fewer pages when threads are created, and gives fewer back when they end.
Pages that harts keep ready count as stack: with {THREADS} threads and several harts they weigh.
"""

_COMMAND = "dynstack answer --json docs/answer/figures.json --page docs/answer.md"


def write_page(figures: Figures, file: Path) -> None:
    """Write the page as Markdown; its charts are in the directory that has its name."""
    write_file(file, page(figures, file.stem).encode())


def page(figures: Figures, charts: str) -> str:
    """Text of the page; `charts` is the directory of the charts as the page names it."""
    names = [name for name in chart_files(figures) if name.startswith("front")]
    parts = [
        _head(figures),
        _IN_SHORT + "".join(f"- {sentence}\n" for sentence in sentences(figures)),
        "## Policies\n\n" + _block(policies_table(figures)),
        _HOW_TO_READ,
        "## Where each is worth its price\n\n"
        + "".join(f"![{name}]({charts}/{name})\n" for name in names)
        + "\n"
        + _block(fronts_table(figures, SLEEPERS[-1])),
        f"## By share of sleepers\n\n![sleepers]({charts}/sleepers.svg)\n",
        "## Entries or switches\n\n"
        f"![entries per switch]({charts}/entries-per-switch.svg)\n\n" + _break_even(figures),
    ]
    return "\n".join(parts)


def sentences(figures: Figures) -> list[str]:
    """What can be said in one sentence each; every figure comes from the runs."""
    crowd = figures.at(harts=harts_of(figures)[0], sleepers=SLEEPERS[-1])
    wherever = {name: having(figures, name, figures.points) for name in figures.names}
    fronts = {
        name: sum(name in figures.front(cell) for cell in cells) for name, cells in wherever.items()
    }
    what = _of_the_safe(figures, crowd)
    for name in _ALWAYS_TOLD:
        if name in figures.names:
            what.setdefault(name, [])
    found = [
        f"**{name}**{''.join(f' is {one},' for one in said)} takes "
        f"{_described(figures, name)}, and is on the Pareto front of {fronts[name]} of "
        f"{len(wherever[name])} cells."
        for name, said in what.items()
    ]
    always = [name for name, cells in wherever.items() if fronts[name] == len(cells)]
    never = [name for name in figures.names if not fronts[name]]
    found.append(
        f"On the front wherever they were run: {_listed(always)}. Nowhere: {_listed(never)}."
    )
    broken = sorted({name for policies in UNSAFE.values() for name in policies}, key=by_number)
    found.append(
        f"On two harts a directed schedule leads a thread, or who wakes it, into a page that is "
        f"another's under {_listed(broken)}. [protocol.md](protocol.md) says what it takes to "
        "break the others."
    )
    return found


def _of_the_safe(figures: Figures, crowd: list[Cell]) -> dict[str, list[str]]:
    """Who halves memory for the least, and who has the least of it: what to say of whom."""
    everywhere = [name for name in figures.names if len(having(figures, name, crowd)) == len(crowd)]
    safe = [name for name in everywhere if not unsafe(name) and name != BASELINE]
    most = _kib(figures, BASELINE, crowd) / 2
    half = [name for name in safe if _kib(figures, name, crowd) <= most]
    said: dict[str, list[str]] = {}
    if half:
        cheapest = min(
            half, key=lambda name: median(figures.overhead(name, cell) for cell in crowd)
        )
        said.setdefault(cheapest, []).append("the cheapest safe policy that halves stack memory")
    if safe:
        smallest = min(safe, key=lambda name: _kib(figures, name, crowd))
        said.setdefault(smallest, []).append("the safe policy with the smallest stacks")
    return said


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
    plural = "hart" if harts == 1 else "harts"
    return ", ".join(
        [f"{first} {unit} on {harts} {plural}", *(f"{value} on {n}" for n, value in others)]
    )


def _kib(figures: Figures, name: str, cells: Iterable[Cell]) -> float:
    return mean(figures.kib(name, cell) for cell in cells)


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "none"


def _head(figures: Figures) -> str:
    applications = {cell.application for cell in figures.points}
    few = " or ".join(map(str, SLEEPERS))
    first, *others = harts_of(figures)
    one = f"{first} hart{'s' * (first > 1)}"
    more = f"; and with {SLEEPERS[-1]} asleep on {' and '.join(map(str, others))}" if others else ""
    return f"""# The answer

    {_COMMAND}

Every policy on all {len(applications)} applications whose context switches were measured: kernel
cycles per system call, and KiB of stack per thread, on preset `rocket`. A cell is an application
with {THREADS} threads, {few} of them asleep in the kernel all the time, on {one}{more}.
A run makes {figures.calls} system calls, and creates and ends the threads. A policy is on the
Pareto front of a cell where no other is better in one of cycles and memory, and no worse in the
other, by more than {TOLERANCE:.0%}.
[workloads.md](workloads.md) says what of an application is measured and what is assumed,
[timing.md](timing.md) and [sensitivity.md](sensitivity.md) how far the cycles carry. The command
makes this page (`make answer`); it keeps every run, so that one that was interrupted goes on where
it stopped.
"""


def _break_even(figures: Figures) -> str:
    seven, shared = (figures.break_even[name] for name in ("H7", "H29"))
    lines = [
        "What P4 pays for each entry into the kernel, P2 and P3 pay for each context switch. With "
        "r entries per switch they cost the same at:",
        "",
    ]
    ratios = seven["measured_entries_per_switch"]
    for policy, even in seven["break_even_entries_per_switch"].items():
        above = sum(ratio > even["max"] for ratio in ratios.values())
        lines.append(
            f"- {policy}: r = {even['median']} ({even['min']} to {even['max']}); {above} of "
            f"{len(ratios)} applications have more, and pay more under P4"
        )
    even = shared["break_even_sharing"]
    lines += [
        "",
        "A fence on other harts only where a stack was shared (P4-shared) costs less than one at "
        f"each exit (P4-ipi) up to a share of {even['median']:.2f} ({even['min']:.2f} to "
        f"{even['max']:.2f}) of exits with a shared stack. Intervals are the extremes of three "
        "seeds; the claims H7 and H29 ([claims.md](claims.md)) have the runs.",
        "",
    ]
    return "\n".join(lines)


def _block(table: Table) -> str:
    text = io.StringIO()
    print_whole(Console(file=text, width=120, highlight=False), table)
    lines = [line.rstrip() for line in text.getvalue().splitlines()]
    return "\n".join(("```", *lines, "```", ""))
