"""`dynstack compare`: what moved between two measurements, phase by phase."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from .comparison import Comparison, Figure, Identity, MovedRun, compare, read_runs
from .report import console, number, plain_table, print_whole
from .results import require_writable, write_json

_CYCLES, _STACK = "cycles_per_syscall", "stack_kib_per_thread"
_OF_A_PHASE = ("count", "median", "p99")
_SHOWN_NAMES = 12
"""Names of other figures in one line; `--json` has them all, with values."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("before", type=Path, metavar="A.json", help="what `measure --json` wrote")
    parser.add_argument("after", type=Path, metavar="B.json", help="the same, later or elsewhere")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all that moved to it")


def main(args: argparse.Namespace) -> int:
    comparison = compare(read_runs(args.before), read_runs(args.after))
    if args.json:
        require_writable(args.json, args.before, args.after)
        write_json(args.json, comparison.as_dict())
    print_comparison(comparison)
    return 0


def print_comparison(comparison: Comparison, output: Console | None = None) -> None:
    """Print what moved: whole runs, then phases, then the names of other figures."""
    output = output or console()
    if comparison.moved:
        print_whole(output, run_table(comparison.moved))
        output.print()
    if any(run.phases for run in comparison.moved):
        print_whole(output, phase_table(comparison.moved))
        output.print()
    for run in comparison.moved:
        names = other_figures(run)
        if names:
            output.print(f"{label(run.identity)}: also {_listed(names)}", soft_wrap=True)
    for side, only in (("A", comparison.only_before), ("B", comparison.only_after)):
        for identity in only:
            output.print(f"{label(identity)}: only in {side}", soft_wrap=True)
    output.print(verdict(comparison))


def verdict(comparison: Comparison) -> str:
    both = comparison.same + len(comparison.moved)
    if not both:
        return "nothing to compare: no run is in both files"
    if comparison.is_empty:
        return f"nothing moved: {both} runs, the same in every figure"
    only = len(comparison.only_before) + len(comparison.only_after)
    return f"moved: {len(comparison.moved)} of {both} runs" + (
        f"; {only} are in one file only" if only else ""
    )


def label(identity: Identity) -> str:
    variant, harts, preset, workload, seed = identity
    return f"{variant} on {workload}, preset {preset}, harts {harts}, seed {seed}"


def run_table(runs: Sequence[MovedRun]) -> Table:
    """One row for each run in which anything moved."""
    table = plain_table(
        "Runs: kernel cycles per system call, stack memory in KiB per thread",
        ["workload", "policy"],
        ["preset", "harts", "seed", "cycles\nbefore", "\nafter", "differ-\nence", "stack\nbefore",
         "\nafter", "differ-\nence"],
    )  # fmt: skip
    for run in runs:
        variant, harts, preset, workload, seed = run.identity
        table.add_row(
            *map(str, (workload, variant, preset, harts, seed)),
            *_before_after(run, _CYCLES),
            *_before_after(run, _STACK),
        )
    return table


def _before_after(run: MovedRun, name: str) -> tuple[str, str, str]:
    before, after = run.before.get(name), run.after.get(name)
    if isinstance(before, int | float) and isinstance(after, int | float):
        return _text(before), _text(after), f"{after - before:+,.3f}" if after != before else "0"
    return _text(before), _text(after), "-"


def phase_table(runs: Sequence[MovedRun]) -> Table:
    """One row for each phase in which anything moved; one figure where it stayed."""
    table = plain_table(
        "Phases: cycles of one passage, before -> after",
        ["workload", "policy", "phase"],
        [*_OF_A_PHASE, "cycles in all"],
    )
    for run in runs:
        variant, _, _, workload, _ = run.identity
        for row, phase in enumerate(run.phases):
            names = [f"phases.{phase}.{figure}" for figure in (*_OF_A_PHASE, "cycles")]
            first = (str(workload), str(variant)) if row == 0 else ("", "")
            table.add_row(*first, phase, *(_change(run, name) for name in names))
    return table


def _change(run: MovedRun, name: str) -> str:
    before, after = _text(run.before.get(name)), _text(run.after.get(name))
    return f"{before} -> {after}" if name in run.figures else before


def _text(value: Figure) -> str:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return number(value)
    return f"{value:,.3f}" if isinstance(value, float) else str(value)


def other_figures(run: MovedRun) -> list[str]:
    """What the tables do not show: figures of the run with their values, of phases by name."""
    texts = []
    for name, (before, after) in run.figures.items():
        place, _, figure = name.rpartition(".")
        in_table = place.startswith("phases.") and figure in (*_OF_A_PHASE, "cycles")
        if in_table or name in (_CYCLES, _STACK):
            continue
        if place or isinstance(before, list) or isinstance(after, list):
            texts.append(name.removeprefix("phases."))
        else:
            texts.append(f"{name} {_text(before)} -> {_text(after)}")
    return texts


def _listed(names: Sequence[str]) -> str:
    rest = len(names) - _SHOWN_NAMES
    return ", ".join(names[:_SHOWN_NAMES]) + (f", and {rest} more" if rest > 0 else "")
