"""Tables for the terminal, and plain text where the output is not one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.table import Table

from .job import CAUSES

PLAIN_WIDTH = 120
"""Columns of output that goes to a file or a pipe."""
TOP_CAUSES = 4

_SHORT_CAUSES = {cause: cause.replace("_", " ").replace("dcache", "D$") for cause in CAUSES}


def console() -> Console:
    """Standard output: colours on a terminal, a fixed width elsewhere."""
    output = Console(highlight=False)
    return output if output.is_terminal else Console(highlight=False, width=PLAIN_WIDTH)


def print_measurements(runs: Sequence[Mapping], output: Console | None = None) -> None:
    """Print the entries of `measure --json`, one pair of tables for each workload."""
    output = output or console()
    for workload in dict.fromkeys(run["workload"] for run in runs):
        chosen = [run for run in runs if run["workload"] == workload]
        first = chosen[0]
        output.print()
        output.print(
            f"[bold]{workload}[/bold]  preset {first['preset']}, harts {first['harts']}, seed "
            f"{first['seed']}, {first['threads']} threads"
            + (", pages zeroed when they move" if first["zero"] else "")
        )
        output.print(summary_table(chosen))
        output.print(phase_table(chosen))


def _table(title: str, columns: Iterable[tuple[str, bool]]) -> Table:
    """Build a table without borders; a column is (heading, right-aligned)."""
    table = Table(
        title=title,
        title_justify="left",
        title_style="italic",
        header_style="bold",
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    for heading, right in columns:
        table.add_column(heading, justify="right" if right else "left", vertical="top")
    return table


def summary_table(runs: Sequence[Mapping]) -> Table:
    """One row for each policy: the whole window of a workload."""
    table = _table(
        "Whole run: cycles per system call, stack memory per thread as a time average, events",
        [
            ("policy", False),
            *(
                (heading, True)
                for heading in (
                    "system\ncalls",
                    "kernel\ncycles/call",
                    "user\ncycles/call",
                    "idle\ncycles/call",
                    "stack\nKiB/thread",
                    "of it\nmapped",
                    "stack\nfaults",
                    "fences",
                    "DTLB\nmisses",
                    "walks",
                    "D$\nmisses",
                    "nested\ntraps",
                )
            ),
        ],
    )
    for run in runs:
        table.add_row(
            run["variant"],
            number(run["syscalls"]),
            ratio(run["cycles_per_syscall"], 1),
            ratio(run["user_cycles_per_syscall"], 1),
            ratio(run["idle_cycles_per_syscall"], 1),
            ratio(run["stack_kib_per_thread"], 2),
            ratio(run["mapped_kib_per_thread"], 2),
            number(run["phases"].get("stack_fault", {"count": 0})["count"]),
            number(run["fences"]),
            number(run["dtlb_misses"]),
            number(run["walks"]),
            number(run["dcache_misses"]),
            number(run["nested_traps"]),
        )
    return table


def phase_table(runs: Sequence[Mapping]) -> Table:
    """One row for each phase and policy; a phase that one policy performs stands for all."""
    table = _table(
        "Phases: cycles of one passage; misses, walks and cycles by cause are totals",
        [
            ("phase", False),
            ("policy", False),
            *(
                (heading, True)
                for heading in (
                    "count", "min", "median", "p90", "p99", "max", "DTLB\nmisses", "walks",
                    "D$\nmisses", "cycles\nin all",
                )
            ),
            ("of which", False),
        ],
    )  # fmt: skip
    names = dict.fromkeys(name for run in runs for name in run["phases"])
    for name in sorted(names, key=_phase_order(runs)):
        for position, run in enumerate(runs):
            phase = run["phases"].get(name)
            table.add_row(
                name if position == 0 else "",
                run["variant"],
                *(_phase_cells(phase) if phase else ("0", *["-"] * 5, *["0"] * 4, "")),
                end_section=position == len(runs) - 1,
            )
    return table


def _phase_order(runs: Sequence[Mapping]):
    """Order phases as the run that performs most of them does."""
    longest = max((list(run["phases"]) for run in runs), key=len)
    return lambda name: longest.index(name) if name in longest else len(longest)


def _phase_cells(phase: Mapping) -> tuple[str, ...]:
    figures = (phase[name] for name in ("count", "min", "median", "p90", "p99", "max"))
    totals = (phase[name] for name in ("dtlb_misses", "walks", "dcache_misses", "cycles"))
    return (
        *(number(figure) for figure in figures),
        *(number(total) for total in totals),
        causes(phase["stalls"]),
    )


def causes(stalls: Mapping[str, int]) -> str:
    """Name the largest causes with their cycles, and the rest as `other`: they add up."""
    ordered = sorted(stalls.items(), key=lambda item: -item[1])
    shown = ordered if len(ordered) <= TOP_CAUSES + 1 else ordered[:TOP_CAUSES]
    words = [f"{_SHORT_CAUSES[name]} {number(cycles)}" for name, cycles in shown]
    if len(shown) < len(ordered):
        words.append(f"other {number(sum(cycles for _, cycles in ordered[TOP_CAUSES:]))}")
    return ", ".join(words)


def number(value: int | None) -> str:
    """Return an integer with thousands separated; `-` where there is none."""
    return "-" if value is None else f"{value:,}"


def ratio(value: float | None, decimals: int) -> str:
    return "-" if value is None else f"{value:,.{decimals}f}"
