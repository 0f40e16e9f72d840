"""`dynstack sweep`: run a specification's points, here or on a cluster, into one Parquet file."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from sim.display import Display
from sim.errors import UserError
from sim.report import console, print_whole
from sim.results import require_directory, results_root, write_json
from sim.toolchain import versions

from .finish import finish
from .point import Point, described, points
from .report import sweep_table
from .spec import Spec, read_spec
from .table import write_rows
from .workers import require_address

RESULT, DESCRIPTION = "sweep.parquet", "sweep.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("spec", type=Path, metavar="SPEC.toml", help="what to run")
    parser.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="points at a time on this machine (default: as many as it has processors)",
    )
    parser.add_argument(
        "--scheduler",
        metavar="tcp://HOST:PORT",
        help="run the points on the workers of this Dask scheduler instead",
    )
    parser.add_argument(
        "--resume", action="store_true", help="keep the points that are finished, run the others"
    )


def main(args: argparse.Namespace) -> int:
    if args.workers is not None and args.scheduler is not None:
        raise UserError("--workers is for this machine: with --scheduler, Dask's workers count")
    if args.workers is not None and args.workers < 1:
        raise UserError(f"--workers is {args.workers}: use at least 1")
    if args.scheduler is not None:
        require_address(args.scheduler)
    spec = read_spec(args.spec)
    total = len(described(spec))
    directory = results_root() / f"sweep-{args.spec.stem}"
    _require_unused(directory, args.resume)
    require_directory(directory / "parts")
    with Display(total) as display:
        todo = points(spec, display.step)
        # Until all points of this specification are finished there is no table of them.
        (directory / RESULT).unlink(missing_ok=True)
        write_json(directory / DESCRIPTION, _description(spec, todo))
    again = "--resume runs those that failed again, and exclude leaves them out"
    complete = finish(todo, directory, again=again, workers=args.workers, scheduler=args.scheduler)
    write_rows(complete, directory / RESULT)
    output = console()
    print_whole(output, sweep_table(complete))
    output.print(f"\n{len(complete)} points: {directory / RESULT}", soft_wrap=True)
    return 0


def _require_unused(directory: Path, resume: bool) -> None:
    """Raise UserError for results of an earlier sweep, unless they are to be used."""
    finished = sum(1 for _ in directory.glob("parts/*.parquet"))
    if not resume and (finished or (directory / RESULT).exists()):
        raise UserError(
            f"{directory} has {finished} finished points of an earlier sweep: --resume keeps those "
            "that this one has too, and runs the others; or remove the directory"
        )


def _description(spec: Spec, todo: Sequence[Point]) -> dict[str, object]:
    """What the sweep was; no path and no time."""
    return {
        "axes": spec.axes,
        "exclude": spec.exclude,
        "points": len(todo),
        "versions": versions(),
    }
