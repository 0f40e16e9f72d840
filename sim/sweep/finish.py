"""Brings points to their end: each row is kept as soon as it is there, and computed once."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from sim.display import Display
from sim.errors import UserError

from .point import Point
from .table import Row, part, read_part, write_rows
from .workers import run_locally, run_on_dask

_SHOWN_FAILURES = 5


def finish(
    points: Sequence[Point],
    directory: Path,
    *,
    again: str,
    workers: int | None = None,
    scheduler: str | None = None,
) -> list[Row]:
    """Return the rows of the points in their order, those in `directory` as they are.

    `workers` points are computed at a time on this machine, as many as it has processors where it
    is None, or all by the Dask workers of `scheduler`. UserError if any fails; what is finished
    by then is kept, and `again` says how to run the others.
    """
    rows = {point.key: read_part(directory, point.key) for point in points}
    missing = [point for point in points if rows[point.key] is None]
    with Display(len(missing)) as display:
        if len(missing) < len(points):
            display.step(
                f"{len(points) - len(missing)} of {len(points)} points are finished already"
            )
        done, failures = _compute(
            missing, directory, workers or os.cpu_count() or 1, scheduler, display
        )
    if failures:
        sentences = [f"{point.label}: {error}" for point, error in failures[:_SHOWN_FAILURES]]
        if len(failures) > _SHOWN_FAILURES:
            sentences.append(f"and {len(failures) - _SHOWN_FAILURES} more")
        raise UserError(
            f"{len(failures)} of {len(missing)} points failed; the others are kept, {again}:\n"
            + "\n".join(sentences),
            exit_code=max(error.exit_code for _, error in failures),
        )
    return [row for row in (rows | done).values() if row is not None]


def _compute(
    missing: Sequence[Point],
    directory: Path,
    workers: int,
    scheduler: str | None,
    display: Display,
) -> tuple[dict[str, Row], list[tuple[Point, UserError]]]:
    """Rows by key, each kept when it is there, and points that failed with the reason."""
    rows: dict[str, Row] = {}
    failures: list[tuple[Point, UserError]] = []

    def finished(point: Point, row: Row) -> None:
        write_rows([row], part(directory, point.key))
        rows[point.key] = row
        display.finished(point.label, f"{row['cycles_per_syscall']} cycles per system call")

    def failed(point: Point, error: UserError) -> None:
        failures.append((point, error))
        display.finished(point.label, "failed")

    if missing and scheduler:
        run_on_dask(missing, scheduler, display, finished, failed)
    elif missing:
        run_locally(missing, workers, display, finished, failed)
    return rows, failures
