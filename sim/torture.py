"""`dynstack torture`: random programs in lockstep with Spike, and what they have covered."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from .display import Display
from .errors import UserError
from .results import require_directory, require_writable, results_root, write_json
from .torturing.campaign import (
    USUAL_INSTRUCTIONS,
    Outcome,
    Summary,
    build_models,
    run_campaign,
    save,
    shrunk,
)
from .torturing.census import ACCESSES, FENCES, OUTCOMES, PAGE_SIZES, TABLES, VIEWS, Census
from .torturing.configurations import STRUCTURES

DEFAULT_INSTRUCTIONS = 25_000_000
SHRINKING_RUNS = 150
"""Programs that shrinking may run."""
_DIFFERENCE = 4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=1, help="seed of all programs and machines")
    parser.add_argument(
        "--instructions",
        type=int,
        default=DEFAULT_INSTRUCTIONS,
        metavar="N",
        help="stop after the program with which so many have been compared (default: %(default)s); "
        "from the default on, a legal cell of the coverage table that stays empty is an error",
    )
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, metavar="N", help="runs at a time"
    )
    parser.add_argument(
        "--presets",
        nargs="+",
        default=list(STRUCTURES),
        choices=STRUCTURES,
        metavar="P",
        help=f"structures of the machines, of {', '.join(STRUCTURES)}; the default is all of them",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the outcome to this file")


def main(args: argparse.Namespace) -> int:
    """Run the campaign; exit status 0, 4 on a difference, 1 where coverage is incomplete."""
    for name in ("instructions", "workers"):
        if getattr(args, name) < 1:
            raise UserError(f"--{name} is {getattr(args, name)}: use at least 1")
    require_directory(results_root())
    if args.json:
        require_writable(args.json)
    started = time.monotonic()
    with Display(-(-args.instructions // USUAL_INSTRUCTIONS)) as display:
        build_models(args.presets, display.step)
        built = time.monotonic()
        summary = run_campaign(args.seed, args.instructions, args.workers, args.presets, display)
    seconds = time.monotonic() - built
    say = Console(highlight=False, soft_wrap=True).print
    say(
        f"seed {args.seed}: {summary.programs} programs, {summary.instructions:,} instructions "
        f"in lockstep, {summary.cycles:,} cycles, on {len(summary.machines)} machines of "
        f"{len(args.presets)} structures; no instruction of a program was executed more than "
        f"{summary.census.most_executed} times"
    )
    print_census(summary.census)
    say(f"{seconds:.0f} s, and {built - started:.0f} s to build the models")
    status = _coverage_status(summary, args.instructions)
    saved = None
    if summary.failure:
        saved = _keep(summary.failure, args.seed)
        status = _DIFFERENCE
    if args.json:
        write_json(args.json, _outcome(args, summary, saved))
    return status


def _keep(failure: Outcome, seed: int) -> dict:
    """Shrink and save a failing program, and tell how to run it again."""
    print(f"{failure.case.label}: {failure.status}\n{failure.report}", file=sys.stderr)
    directory = results_root() / f"torture-{seed}-{failure.case.number}"
    save(failure, directory / "original")
    print("dynstack: shrinking the program", file=sys.stderr, flush=True)
    short = shrunk(failure, SHRINKING_RUNS)
    command = save(short, directory / "short")
    print(
        f"dynstack: from {failure.case.plan.size} steps to {short.case.plan.size}, "
        f"{short.instructions:,} instructions:\n{short.report}\n"
        f"Both programs with their listings are in {directory}. To run the short one again:\n"
        f"{' '.join(command)}",
        file=sys.stderr,
    )
    return {
        "program": failure.case.number,
        "status": failure.status,
        "directory": str(directory),
        "command": command,
        "steps": short.case.plan.size,
        "instructions": short.instructions,
    }


def _coverage_status(summary: Summary, wanted: int) -> int:
    """Report cells that contradict the table; a run of full size must fill the legal ones."""
    for table, cell, reason in summary.census.illegal():
        print(f"dynstack: {table}: {', '.join(cell)} happened, but: {reason}", file=sys.stderr)
    if summary.census.illegal():
        return 1
    empty = summary.census.empty()
    if not empty:
        return 0
    is_full = wanted >= DEFAULT_INSTRUCTIONS and summary.failure is None
    print(f"dynstack: {len(empty)} legal cells are empty", file=sys.stderr)
    for table, cell in empty if is_full else ():
        print(f"  {table}: {', '.join(cell)}", file=sys.stderr)
    return 1 if is_full else 0


def _outcome(args: argparse.Namespace, summary: Summary, failure: dict | None) -> dict:
    """What `--json` holds."""
    return {
        "seed": args.seed,
        "status": "mismatch" if failure else "pass",
        "programs": summary.programs,
        "instructions": summary.instructions,
        "cycles": summary.cycles,
        "machines": len(summary.machines),
        "structures": args.presets,
        "most_executed": summary.census.most_executed,
        "coverage": summary.census.as_dict(),
        "empty": [[table, *cell] for table, cell in summary.census.empty()],
        "failure": failure,
    }


def print_census(census: Census) -> None:
    """Print the tables: the large one with a row for each access, mode and page size."""
    console = Console(highlight=False)
    counts = census.counts["translations"]
    table = Table(title="Accesses through translations, by outcome and by the fence before them")
    for heading in ("access", "mode", "page"):
        table.add_column(heading, no_wrap=True)
    for outcome in OUTCOMES:
        for fence in FENCES:
            table.add_column(f"{outcome}: {fence}", justify="right")
    legal = TABLES[0].legal()
    for a, access in enumerate(ACCESSES):
        for m, mode in enumerate(VIEWS):
            if not legal[a, m].any():
                continue
            for p, page in enumerate(PAGE_SIZES):
                figures = [str(count) for count in counts[a, m, p].ravel()]
                table.add_row(access, mode, page, *figures)
    console.print(table)
    for definition in TABLES[1:]:
        cells, flags = definition.cells(), definition.legal().ravel()
        figures = census.counts[definition.name].ravel()
        first = next(iter(definition.dimensions))
        table = Table(title=definition.name)
        table.add_column(first, no_wrap=True)
        columns = sorted({cell[1:] for cell, flag in zip(cells, flags, strict=True) if flag})
        for column in columns:
            table.add_column(" / ".join(column), justify="right")
        for value in definition.dimensions[first]:
            row = {
                cell[1:]: figures[index] if flags[index] else None
                for index, cell in enumerate(cells)
                if cell[0] == value
            }
            if any(row.get(column) is not None for column in columns):
                shown = (row.get(column) for column in columns)
                table.add_row(value, *("" if count is None else str(count) for count in shown))
        console.print(table)
    read = sum(1 for counts in census.csrs.values() if counts[0])
    written = sum(1 for counts in census.csrs.values() if counts[1])
    console.print(f"{read} CSRs read, {written} written")
