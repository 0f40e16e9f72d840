"""`dynstack torture`: random programs in lockstep with Spike, and what they have covered."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
import time
from pathlib import Path

from .display import Display
from .errors import UserError
from .report import console
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
from .torturing.census_report import print_census
from .torturing.configurations import STRUCTURES

DEFAULT_INSTRUCTIONS = 25_000_000
SHRINKING_RUNS = 150
"""Programs that shrinking may run."""
_DIFFERENCE = 4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--seed",
        type=int,
        default=1,
        help="seed of all programs and machines (default: %(default)s)",
    )
    parser.add_argument(
        "--instructions",
        type=int,
        default=DEFAULT_INSTRUCTIONS,
        metavar="N",
        help="stop after the program with which so many have been compared (default: %(default)s); "
        "from the default on, a legal cell of the coverage table that stays empty is an error",
    )
    parser.add_argument(
        "--workers",
        type=int,
        default=os.cpu_count() or 1,
        metavar="N",
        help="runs at a time (default: %(default)s)",
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
    output = console()
    output.print(
        f"seed {args.seed}: {summary.programs} programs, {summary.instructions:,} instructions "
        f"in lockstep, {summary.cycles:,} cycles, on {len(summary.machines)} machines of "
        f"{len(args.presets)} structures; no instruction of a program was executed more than "
        f"{summary.census.most_executed} times",
        soft_wrap=True,
    )
    print_census(summary.census, output)
    output.print(f"{seconds:.0f} s, and {built - started:.0f} s to build the models")
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
        f"{shlex.join(command)}",
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
