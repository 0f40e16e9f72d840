"""The answer in words: sentences to quote, tables and charts, all made from the figures."""

from __future__ import annotations

import io

from rich.console import Console
from rich.table import Table

from sim.claims.pareto import SCHEDULES, TOLERANCE
from sim.protocol.safety import DIRECTED, Safety
from sim.report import print_whole

from .cells import BASELINE, SLEEPERS, THREADS
from .charts import chart_files
from .figures import Figures, harts_of
from .sentences import sentences
from .tables import fronts_table, policies_table

_IN_SHORT = f"""## In short

Cycles are those of the kernel per system call, over those of {BASELINE}: the median, and the least
and the most, of all applications with {SLEEPERS[-1]} of {THREADS} threads asleep.

"""

_DIRECTED = ", ".join(DIRECTED)
_SAFETY = {
    Safety.BROKEN: f"a directed schedule of two harts does it on this machine: {_DIRECTED}",
    Safety.BROKEN_IN_MODEL: "a schedule of the protocol model does it",
    Safety.SPECULATION: "it takes TLBs that fill by themselves",
    Safety.SAFE: "neither does it",
}
_HOW_TO_READ = f"""Is it safe, or can a thread, or who uses an object on its stack, meet a page that
is another's by then? [protocol.md](protocol.md) has the conditions.

{"".join(f"- `{safety.value}`: {meaning}.{chr(10)}" for safety, meaning in _SAFETY.items())}
`Svadu` is a walker that sets A and D bits (preset `svadu`); without the word they are set by traps.
Differences below {TOLERANCE:.0%} of a call's cycles mean nothing: where the linker puts data moves
them as much. With several harts each policy has a schedule of wake-ups of its own, and differences
of less than {SCHEDULES:.0%} mean nothing. What takes less than {BASELINE} takes fewer pages when
threads are created, and gives fewer back when they end. Pages that harts keep ready count as stack:
with {THREADS} threads and several harts they weigh.
"""

_COMMAND = "dynstack answer --json docs/answer/figures.json --page docs/answer.md"


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
other, by more than {TOLERANCE:.0%}, for cycles on several harts by more than {SCHEDULES:.0%}.
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
