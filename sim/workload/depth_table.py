"""A user's own depth table: how deep each system call goes on their kernel."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from ..errors import UserError
from .depths import Depth
from .threads import DEPTH_STEP, REGISTER_FRAME


def read_depth_table(path: Path) -> dict[str, tuple[Depth, int]]:
    """Read a user's depth table: system call -> (depth, bytes in use while asleep or 0).

    Columns `system_call`, `min_bytes`, `mean_bytes`, `max_bytes`, and optionally `sleep_bytes`;
    the name `*` serves every call without a row, `page_fault` the page faults.
    """
    required = ("system_call", "min_bytes", "mean_bytes", "max_bytes")
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            missing = [name for name in required if name not in (reader.fieldnames or ())]
            if missing:
                raise UserError(
                    f"{path}, line 1: the depth table has no column {', '.join(missing)}; "
                    f"its header must be {','.join(required)}[,sleep_bytes]"
                )
            table: dict[str, tuple[Depth, int]] = {}
            for name, row in _depth_rows(reader, path):
                if name in table:
                    raise UserError(f"{path}, line {reader.line_num}: '{name}' appears twice")
                table[name] = row
            return table
    except OSError as error:
        raise UserError(f"cannot read the depth table {path}: {error.strerror}") from None
    except csv.Error as error:
        raise UserError(f"{path} is not a depth table: {error}") from None
    except UnicodeDecodeError:
        raise UserError(f"{path} is not a depth table: it is not UTF-8 text") from None


def _depth_rows(reader: csv.DictReader[str], path: Path) -> Iterable[tuple[str, tuple[Depth, int]]]:
    for row in reader:
        where = f"{path}, line {reader.line_num}"
        name = (row["system_call"] or "").strip()
        try:
            figures = [int(row[column]) for column in ("min_bytes", "mean_bytes", "max_bytes")]
            asleep = int(row.get("sleep_bytes") or 0)
        except (TypeError, ValueError):
            raise UserError(f"{where}: '{name}' needs whole numbers of bytes") from None
        depth = _aligned_depth(Depth(*figures).validated(where))
        if asleep and not REGISTER_FRAME <= asleep <= depth.maximum:
            raise UserError(
                f"{where}: sleep_bytes is {asleep}: use {REGISTER_FRAME} to max_bytes, or nothing"
            )
        yield name, (depth, _aligned(asleep))


def _aligned_depth(depth: Depth) -> Depth:
    minimum = _aligned(depth.minimum)
    return Depth(minimum, max(minimum, depth.mean), _aligned(depth.maximum))


def _aligned(size: int) -> int:
    """Round up to where a stack pointer can be."""
    return -(-size // DEPTH_STEP) * DEPTH_STEP
