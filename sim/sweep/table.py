"""Rows of a sweep as Parquet: a file for each finished point, and one for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sim.comparison import flatten
from sim.job import CAUSES
from sim.probes import PHASE_NAMES
from sim.results import new_file
from sim.statistics import PhaseSummary

Row = dict[str, object]
"""Figures of a point by column; every row has all columns."""

_TEXTS = ("key", "policy", "variant", "preset", "workload", "remote_fence")
_DIGESTS = ("image_sha256", "workload_sha256")
_RATIOS = ("per_syscall", "per_thread")


def row(key: str, config: Mapping, summary: Mapping) -> Row:
    """Return what `measure --json` has for a run, flat: `phases.map.median`, `stalls.idle`.

    A phase that the kernel does not perform is null in all its columns.
    """
    figures = {name: value for name, value in summary.items() if name not in ("phases", "stalls")}
    # They are there to be looked at one by one; a sweep counts them.
    figures["findings"] = len(summary["findings"])
    phases = {name: _phase(summary["phases"].get(name)) for name in PHASE_NAMES}
    return {
        "key": key,
        **flatten(figures),
        **flatten(config["straps"], "straps."),
        **{name: config[name] for name in _DIGESTS},
        **flatten(_causes(summary["stalls"]), "stalls."),
        **flatten(phases, "phases."),
    }


def _phase(phase: Mapping | None) -> dict:
    names = [figure.name for figure in fields(PhaseSummary)]
    figures = {name: phase and phase[name] for name in names}
    return figures | {"stalls": _causes(phase and phase["stalls"])}


def _causes(stalls: Mapping | None) -> dict[str, int | None]:
    return {cause: stalls.get(cause, 0) if stalls is not None else None for cause in CAUSES}


def _type(column: str) -> pa.DataType:
    if column in _TEXTS or column in _DIGESTS:
        return pa.string()
    if column == "seed":
        return pa.uint64()
    if column == "zero":
        return pa.bool_()
    return pa.float64() if column.endswith(_RATIOS) else pa.int64()


def write_rows(rows: Sequence[Row], file: Path) -> None:
    """Write rows so that the file is either complete or not there."""
    schema = pa.schema([pa.field(column, _type(column)) for column in rows[0]])
    table = pa.Table.from_pylist(list(rows), schema)
    with new_file(file) as output:
        pq.write_table(table, output)


def part(directory: Path, key: str) -> Path:
    """File of a finished point."""
    return directory / "parts" / f"{key}.parquet"


def read_part(directory: Path, key: str) -> Row | None:
    """Return the row of a point that is finished; None where there is no readable file of it."""
    try:
        (found,) = pq.read_table(part(directory, key)).to_pylist()
    except (OSError, pa.ArrowInvalid, ValueError):
        return None
    return found if found.get("key") == key else None
