"""`dynstack sweep`: run a specification's points, here or on a cluster, into one Parquet file."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from sim.display import Display
from sim.errors import UserError
from sim.report import console, print_whole
from sim.results import require_directory, results_root, write_json
from sim.toolchain import versions

from .point import Point, described, points
from .report import sweep_table
from .spec import Spec, read_spec
from .table import Row, part, read_part, write_rows
from .workers import require_address, run_locally, run_on_dask

RESULT, DESCRIPTION = "sweep.parquet", "sweep.json"
_SHOWN_FAILURES = 5


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
    if args.workers is not None and args.scheduler:
        raise UserError("--workers is for this machine: with --scheduler, Dask's workers count")
    if args.workers is not None and args.workers < 1:
        raise UserError(f"--workers is {args.workers}: use at least 1")
    if args.scheduler:
        require_address(args.scheduler)
    spec = read_spec(args.spec)
    total = len(described(spec))
    directory = results_root() / f"sweep-{args.spec.stem}"
    _require_unused(directory, args.resume)
    require_directory(directory / "parts")
    with Display(total) as display:
        todo = points(spec, display.step)
        write_json(directory / DESCRIPTION, _description(spec, todo))
        rows = {point.key: read_part(directory, point.key) for point in todo}
        missing = [point for point in todo if rows[point.key] is None]
        if len(missing) < len(todo):
            display.step(f"{len(todo) - len(missing)} of {len(todo)} points are finished already")
    with Display(len(missing)) as display:
        rows |= _compute(missing, directory, args, display)
    complete = [row for row in rows.values() if row is not None]
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


def _compute(
    missing: Sequence[Point], directory: Path, args: argparse.Namespace, display: Display
) -> dict[str, Row]:
    """Rows of the points by key, each written when it is there; UserError if any fails."""
    rows: dict[str, Row] = {}
    failures: list[tuple[Point, UserError]] = []

    def finished(point: Point, row: Row) -> None:
        write_rows([row], part(directory, point.key))
        rows[point.key] = row
        display.finished(point.label, f"{row['cycles_per_syscall']} cycles per system call")

    def failed(point: Point, error: UserError) -> None:
        failures.append((point, error))
        display.finished(point.label, "failed")

    if missing and args.scheduler:
        run_on_dask(missing, args.scheduler, display, finished, failed)
    elif missing:
        run_locally(missing, args.workers or os.cpu_count() or 1, display, finished, failed)
    if failures:
        sentences = [f"{point.label}: {error}" for point, error in failures[:_SHOWN_FAILURES]]
        if len(failures) > _SHOWN_FAILURES:
            sentences.append(f"and {len(failures) - _SHOWN_FAILURES} more")
        raise UserError(
            f"{len(failures)} of {len(missing)} points failed; the others are kept, --resume runs "
            "those that failed again, and exclude leaves them out:\n" + "\n".join(sentences),
            exit_code=max(error.exit_code for _, error in failures),
        )
    return rows
