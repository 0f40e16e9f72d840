"""What a run leaves behind: a directory with its configuration, its samples and its summary.

A directory is written beside its final name and renamed when complete, so that there is never
half a result. Its name follows from the configuration alone; running again replaces it.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock

from .cache import PROJECT_ROOT, digest
from .errors import UserError
from .job import CAUSES, SAMPLE, JobResult

_LONGEST_WORKLOAD = 100
"""Characters of a workload's name in that of a directory: names of files end at 255 bytes."""


def results_root() -> Path:
    """Where results are kept: `$DYNSTACK_RESULTS_DIR`, or `results/` in the project."""
    return Path(os.environ.get("DYNSTACK_RESULTS_DIR") or PROJECT_ROOT / "results")


def waves_root() -> Path:
    """Where waveform windows are kept: `$DYNSTACK_WAVES_DIR`, or `waves/` in the project."""
    return Path(os.environ.get("DYNSTACK_WAVES_DIR") or PROJECT_ROOT / "waves")


def traces_root() -> Path:
    """Where timelines are kept: `$DYNSTACK_TRACES_DIR`, or `traces/` in the project."""
    return Path(os.environ.get("DYNSTACK_TRACES_DIR") or PROJECT_ROOT / "traces")


def directory_name(config: Mapping) -> str:
    """Return the name of the directory for a configuration: readable, and unique by its digest."""
    workload = str(config["workload"])[:_LONGEST_WORKLOAD]
    words = (config["variant"], workload, config["preset"], f"seed{config['seed']}")
    plain = "-".join(str(word) for word in words)
    safe = "".join(c if c.isalnum() or c in "-_." else "_" for c in plain)
    return f"{safe}-{digest({'config': dict(config)})[:8]}"


def write_json(path: Path, value: object) -> None:
    """Write JSON so that the file is either complete or not there."""
    write_file(path, (json.dumps(value, indent=2) + "\n").encode())


def write_file(path: Path, content: bytes) -> None:
    """Write a file so that it is either complete or not there, see `new_file`."""
    with new_file(path) as file:
        file.write(content)


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file that is there when it is complete, and not if what writes it fails.

    What is there and no plain file (a device, a pipe, a link) is written to, not replaced.
    """
    try:
        with new_path(path) as part, part.open("wb") as file:
            yield file
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror}") from None


@contextlib.contextmanager
def new_path(path: Path) -> Iterator[Path]:
    """Path of a file to be written by others, which then takes the place of `path`: `new_file`."""
    require_writable(path)
    if path.is_symlink() or (path.exists() and not path.is_file()):
        yield path
        return
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as scratch:
        part = Path(scratch) / path.name
        yield part
        if part.exists():
            part.replace(path)


def require_writable(path: Path, *others: Path | None) -> None:
    """Raise UserError where no file can be written: before a long run rather than after it.

    `others` are files that the command reads, or writes something else to: not this one. Makes the
    directory that the file goes to.
    """
    if any(other is not None and path.resolve() == other.resolve() for other in others):
        raise UserError(f"cannot write {path}: the command has that file for something else")
    try:
        is_directory = path.is_dir()
    except OSError as error:  # a name that is too long
        raise UserError(f"cannot write {path}: {error.strerror}") from None
    if is_directory:
        raise UserError(f"cannot write {path}: it is a directory, name a file")
    require_directory(path.parent)


def require_directory(path: Path) -> None:
    """Make a directory where it is missing; raise UserError where nothing can be written to it."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise UserError(f"cannot write to {path}: {error.strerror}") from None


def write_run(
    root: Path, config: Mapping, phases: Sequence[str], result: JobResult, summary: Mapping
) -> Path:
    """Store one run below `root` and return its directory.

    `phases` names the phase indices of the samples. The directory holds `config.json`,
    `summary.json`, `phases.parquet` (one row per sample) and `counters.parquet` (one row per
    hart, privilege and stall cause or event, per counter, and per figure of a watch).
    """
    require_directory(root)
    target = root / directory_name(config)
    scratch = Path(tempfile.mkdtemp(dir=root, prefix=f".{target.name}."))
    try:
        scratch.chmod(0o755)
        write_json(scratch / "config.json", config)
        write_json(scratch / "summary.json", summary)
        (scratch / "console.txt").write_text(result.console)
        pq.write_table(samples_table(result.samples, phases), scratch / "phases.parquet")
        pq.write_table(counters_table(result), scratch / "counters.parquet")
        _replace(scratch, target)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    return target


def _replace(scratch: Path, target: Path) -> None:
    """Put a complete directory in its place; a directory cannot be renamed over a full one.

    Another process may have made the same run: one lock for all results lets them take turns.
    """
    with FileLock(target.parent / ".lock"):
        if target.exists():
            old = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.old."))
            target.rename(old / target.name)
            scratch.rename(target)
            shutil.rmtree(old, ignore_errors=True)
        else:
            scratch.rename(target)


def samples_table(samples: np.ndarray, phases: Sequence[str]) -> pa.Table:
    """Return the samples as columns: the phase by name, each stall cause in a column of its own."""
    names = pa.array(list(phases), pa.string())
    indices = pa.array(samples["phase"].astype(np.int32))
    columns: dict[str, pa.Array] = {
        "phase": pa.DictionaryArray.from_arrays(indices, names).cast(pa.string())
    }
    for name in SAMPLE.names or ():
        if name == "stalls":
            for index, cause in enumerate(CAUSES):
                columns[f"stall_{cause}"] = pa.array(
                    np.ascontiguousarray(samples["stalls"][:, index])
                )
        elif name != "phase":
            columns[name] = pa.array(np.ascontiguousarray(samples[name]))
    return pa.table(columns)


def counters_table(result: JobResult) -> pa.Table:
    """Return everything that was counted over the window, one figure a row."""
    rows = [
        (kind, hart, privilege, name, value)
        for hart, totals in enumerate(result.harts)
        for kind, groups in (("stall", totals.stalls), ("event", totals.events))
        for privilege, values in groups.items()
        for name, value in values.items()
    ]
    rows += [("counter", None, None, name, value) for name, value in result.counters.items()]
    rows += [
        ("watch", None, None, f"{name}.{figure}", getattr(watch, figure))
        for name, watch in result.watches.items()
        for figure in ("integral", "minimum", "maximum", "last")
    ]
    kinds, harts, privileges, names, values = zip(*rows, strict=True)
    return pa.table(
        {
            "kind": pa.array(kinds, pa.string()),
            "hart": pa.array(harts, pa.int16()),
            "privilege": pa.array(privileges, pa.string()),
            "name": pa.array(names, pa.string()),
            "value": pa.array(values, pa.uint64()),
        }
    )
