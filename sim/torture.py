"""`dynstack torture`: random programs in lockstep with Spike, and what they have covered."""

from __future__ import annotations

import argparse
import itertools
import os
import shlex
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from .cache import digest
from .display import Display
from .errors import UserError
from .report import console
from .results import require_directory, require_writable, results_root, write_json
from .torturing.campaign import (
    SHARED_INSTRUCTIONS,
    USUAL_INSTRUCTIONS,
    Outcome,
    Summary,
    build_models,
    run_campaign,
    save,
    shrunk,
)
from .torturing.census_report import print_census
from .torturing.configurations import STRUCTURES, STRUCTURES_OF_SEVERAL
from .torturing.layout import HARTS

DEFAULT_INSTRUCTIONS = 25_000_000
DEFAULT_SHARED_INSTRUCTIONS = 10_000_000
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
        metavar="N",
        help="stop after the program with which so many have been compared (default: "
        f"{DEFAULT_INSTRUCTIONS}, with several harts {DEFAULT_SHARED_INSTRUCTIONS}); with one "
        "hart, from the default on, a legal cell of the coverage table that stays empty is an "
        "error",
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
        choices=STRUCTURES,
        metavar="P",
        help=f"structures of the machines, of {', '.join(STRUCTURES)}; the default is all of them, "
        f"with several harts {' and '.join(STRUCTURES_OF_SEVERAL)}",
    )
    parser.add_argument(
        "--harts",
        nargs="+",
        type=int,
        metavar="N",
        help="harts of the machines: from 2 on they share memory, page tables and code, and the "
        "order of memory is checked; several numbers take turns (default: 1)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the outcome to this file")


def main(args: argparse.Namespace) -> int:
    """Run the campaign; exit status 0, 4 on a difference, 1 where coverage is incomplete."""
    harts = args.harts or [1]
    several = max(harts) > 1
    presets = args.presets or list(STRUCTURES_OF_SEVERAL if several else STRUCTURES)
    instructions = args.instructions
    if instructions is None:
        instructions = DEFAULT_SHARED_INSTRUCTIONS if several else DEFAULT_INSTRUCTIONS
    _require(instructions, args.workers, harts)
    structures = list(itertools.product(presets, harts))
    require_directory(results_root())
    if args.json:
        require_writable(args.json)
    started = time.monotonic()
    usual = SHARED_INSTRUCTIONS if several else USUAL_INSTRUCTIONS
    with Display(-(-instructions // usual)) as display:
        build_models(structures, display.step)
        built = time.monotonic()
        summary = run_campaign(args.seed, instructions, args.workers, structures, display)
    seconds = time.monotonic() - built
    status = 0 if several else _coverage_status(summary, instructions)
    saved = None
    if summary.failure:
        saved = _keep(summary.failure, args.seed)
        status = _DIFFERENCE
    if args.json:
        write_json(args.json, _outcome(args.seed, presets, harts, summary, saved))
    output = console()
    output.print(
        f"seed {args.seed}: {summary.programs} programs, {summary.instructions:,} instructions "
        f"in lockstep, {summary.cycles:,} cycles, on {len(summary.machines)} machines of "
        f"{len(structures)} structures; {_finding(summary, several)}",
        soft_wrap=True,
    )
    if not several:
        print_census(summary.census, output)
    output.print(f"{seconds:.0f} s, and {built - started:.0f} s to build the models")
    return status


def _require(instructions: int, workers: int, harts: Sequence[int]) -> None:
    """Raise UserError for numbers that make no sense together."""
    for name, value in (("instructions", instructions), ("workers", workers)):
        if value < 1:
            raise UserError(f"--{name} is {value}: use at least 1")
    for count in harts:
        if not 1 <= count <= HARTS:
            raise UserError(f"--harts is {count}: use 1 to {HARTS}")
    if min(harts) == 1 < max(harts):
        raise UserError("--harts: programs of one hart have a campaign of their own")


def _finding(summary: Summary, several: bool) -> str:
    if not several:
        return (
            "no instruction of a program was executed more than "
            f"{summary.census.most_executed} times"
        )
    taken = summary.exceptions
    return (
        f"harts read {taken['foreign_values']:,} values that others had written, executed "
        f"{taken['foreign_instructions']:,} instructions of others, and used "
        f"{taken['stale_before_fence']:,} translations that others had changed and nobody had "
        "fenced; none after its fence"
    )


def _keep(failure: Outcome, seed: int) -> dict:
    """Shrink and save a failing program, and tell how to run it again."""
    print(f"{failure.case.label}: {failure.status}\n{failure.report}", file=sys.stderr)
    # Campaigns of one seed and other machines have programs of the same number.
    case = {"machine": failure.case.machine.options(), "plan": failure.case.plan.to_json()}
    directory = results_root() / f"torture-{seed}-{failure.case.number}-{digest(case)[:4]}"
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


def _outcome(
    seed: int,
    presets: Sequence[str],
    harts: Sequence[int],
    summary: Summary,
    failure: dict | None,
) -> dict:
    """What `--json` holds; the coverage is that of programs of one hart."""
    return {
        "seed": seed,
        "status": "mismatch" if failure else "pass",
        "programs": summary.programs,
        "instructions": summary.instructions,
        "cycles": summary.cycles,
        "machines": len(summary.machines),
        "structures": list(presets),
        "harts": list(harts),
        "exceptions": dict(summary.exceptions),
        "most_executed": summary.census.most_executed,
        "coverage": summary.census.as_dict(),
        "empty": [[table, *cell] for table, cell in summary.census.empty()],
        "failure": failure,
    }
