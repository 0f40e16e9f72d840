"""Tables for the terminal, and plain text where the output is not one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .job import CAUSES, SAMPLE
from .probes import PHASE_NAMES
from .statistics import phase_summary

PLAIN_WIDTH = 120
"""Columns of output that goes to a file, a pipe, or a terminal too narrow for the tables."""
_UNBOUNDED = 10_000
CAUSE_COLUMNS = 7
"""Causes with a column of their own, the largest first; the rest stand together."""

_HEADINGS = {cause: cause.replace("_", "\n") for cause in CAUSES}
_NOTHING = phase_summary(np.zeros(0, SAMPLE)).as_dict()
"""A phase that a policy does not perform."""


class _Output(Console):
    def on_broken_pipe(self) -> None:
        """Leave it to `sim.cli`, where rich would end the program as if it had failed."""
        raise BrokenPipeError


def console() -> Console:
    """Standard output; a narrow terminal wraps its lines, which is better than figures cut off.

    Names of files may have brackets, so none is markup.
    """
    output = _Output(highlight=False, markup=False)
    wide = output.is_terminal and output.width >= PLAIN_WIDTH
    return output if wide else _Output(highlight=False, markup=False, width=PLAIN_WIDTH)


def print_measurements(runs: Sequence[Mapping], output: Console | None = None) -> None:
    """Print the entries of `measure --json`, three tables for each workload."""
    output = output or console()
    for workload in dict.fromkeys(run["workload"] for run in runs):
        chosen = [run for run in runs if run["workload"] == workload]
        first = chosen[0]
        output.print()
        output.print(
            Text.assemble(
                (workload, "bold"),
                f"  preset {first['preset']}, harts {first['harts']}, seed {first['seed']}, "
                f"{first['threads']} threads",
                ", pages zeroed when they move" if first["zero"] else "",
            )
        )
        tables = [summary_table(chosen), phase_table(chosen), cause_table(chosen)]
        if first["harts"] > 1:
            tables.insert(1, harts_table(chosen))
        for table in tables:
            output.print()
            print_whole(output, table)


def plain_table(title: str, words: Sequence[str], figures: Sequence[str]) -> Table:
    """Build a table without borders: columns of words, then columns of figures."""
    table = Table(
        title=title,
        title_justify="left",
        title_style="italic",
        header_style="bold",
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    for heading in words:
        table.add_column(heading, vertical="bottom", no_wrap=True)
    for heading in figures:
        table.add_column(heading, vertical="bottom", justify="right", no_wrap=True)
    return table


def print_whole(output: Console, table: Table) -> None:
    """Print a table on a console that is made as wide as its columns: none is cut off."""
    unbounded = output.options.update(width=_UNBOUNDED)
    output.width = max(output.width, output.measure(table, options=unbounded).maximum)
    output.print(table)


def summary_table(runs: Sequence[Mapping]) -> Table:
    """One row for each policy: the whole window of a workload."""
    table = plain_table(
        "Whole run: cycles per system call, stack memory as a time average, events in all",
        ["policy"],
        ["system\ncalls", "kernel\ncycles\na call", "user\ncycles\na call", "idle\ncycles\na call",
         "stack\nKiB/thread", "of it\nmapped", "stack\nfaults", "fences", "DTLB\nmisses",
         "walks", "D$\nmisses", "nested\ntraps", "stale"],
    )  # fmt: skip
    for run in runs:
        table.add_row(
            run["variant"],
            number(run["syscalls"]),
            ratio(run["cycles_per_syscall"], 1),
            ratio(run["user_cycles_per_syscall"], 1),
            ratio(run["idle_cycles_per_syscall"], 1),
            ratio(run["stack_kib_per_thread"], 2),
            ratio(run["mapped_kib_per_thread"], 2),
            number(run["phases"].get("stack_fault", _NOTHING)["count"]),
            number(run["fences"]),
            number(run["dtlb_misses"]),
            number(run["walks"]),
            number(run["dcache_misses"]),
            number(run["nested_traps"]),
            number(run["stale_accesses"]),
        )
    return table


def harts_table(runs: Sequence[Mapping]) -> Table:
    """One row for each policy: what goes on between harts."""
    table = plain_table(
        "Between harts, in all",
        ["policy"],
        ["migra-\ntions", "inter-\nrupts", "remote\nfences", "pages\nreturned", "cache\nrefills",
         "cache\ndrains", "damaged\nframes"],
    )  # fmt: skip
    for run in runs:
        table.add_row(
            run["variant"],
            number(run["migrations"]),
            number(run["ipis"]),
            number(run["phases"].get("ipi", _NOTHING)["count"]),
            number(run["pages_returned"]),
            number(run["cache_refills"]),
            number(run["cache_drains"]),
            number(run["damaged_frames"]),
        )
    return table


def phase_table(runs: Sequence[Mapping]) -> Table:
    """One row for each phase and policy; a phase that one policy performs stands for all."""
    table = plain_table(
        "Phases: cycles of one passage; misses, walks and fences in all",
        ["phase", "policy"],
        ["count", "min", "median", "p90", "p99", "max", "cycles\nin all", "instruc-\ntions",
         "DTLB\nmisses", "walks", "D$\nmisses", "fences"],
    )  # fmt: skip
    figures = (
        "count", "min", "median", "p90", "p99", "max",
        "cycles", "instructions", "dtlb_misses", "walks", "dcache_misses", "fences",
    )  # fmt: skip
    for name, rows in _by_phase(runs):
        for position, (run, phase) in enumerate(rows):
            table.add_row(
                name if position == 0 else "",
                run["variant"],
                *(number(phase[figure]) for figure in figures),
            )
    return table


def cause_table(runs: Sequence[Mapping]) -> Table:
    """Cycles of each phase by stall cause: every row adds up to its first figure."""
    totals = dict.fromkeys(CAUSES, 0)
    phases = _by_phase(runs)
    for _, rows in phases:
        for _, phase in rows:
            for cause, cycles in phase["stalls"].items():
                totals[cause] += cycles
    largest = sorted((c for c in CAUSES if totals[c]), key=lambda cause: -totals[cause])
    columns = largest[:CAUSE_COLUMNS] if len(largest) > CAUSE_COLUMNS + 1 else largest
    other = ["other"] if len(columns) < len(largest) else []
    table = plain_table(
        "Cycles of the phases by cause, in all",
        ["phase", "policy"],
        ["cycles", *(_HEADINGS[cause] for cause in columns), *other],
    )
    for name, rows in phases:
        for position, (run, phase) in enumerate(rows):
            shown = [phase["stalls"].get(cause, 0) for cause in columns]
            rest = [phase["cycles"] - sum(shown)] if other else []
            table.add_row(
                name if position == 0 else "",
                run["variant"],
                *(number(cycles) for cycles in (phase["cycles"], *shown, *rest)),
            )
    return table


def _by_phase(runs: Sequence[Mapping]) -> list[tuple[str, list[tuple[Mapping, Mapping]]]]:
    """Group as (phase, [(run, its phase)]), phases that a policy does not perform as zeros.

    Phases that occurred in no run are left out.
    """
    performed = {name for run in runs for name, phase in run["phases"].items() if phase["count"]}
    return [
        (name, [(run, run["phases"].get(name, _NOTHING)) for run in runs])
        for name in PHASE_NAMES
        if name in performed
    ]


def number(value: int | None) -> str:
    """Return an integer with thousands separated; `-` where there is none."""
    return "-" if value is None else f"{value:,}"


def ratio(value: float | None, decimals: int) -> str:
    return "-" if value is None else f"{value:,.{decimals}f}"
