"""A user's own mix: the table that `strace -c` prints, with or without `-f`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ..errors import UserError
from .applications import Mix
from .depths import (
    DEFAULT_CALL,
    PAGE_FAULT_SCENARIO,
    CallModel,
    Depth,
    SleepDepth,
    model_of,
    scenario_depth,
)

_FAULT_ROW = "page_fault"
_MOST_DIGITS = 18
"""Of a count, which then fits 64 bits."""
_RULE = re.compile(r"^-[-\s]*-$")


def read_strace(path: Path) -> dict[str, int]:
    """Return the calls per system call, in the order of the file; UserError names a wrong line."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise UserError(f"cannot read the strace output {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UserError(f"{path} is not strace output: it is not UTF-8 text") from None
    return parse_strace(lines, str(path))


def parse_strace(lines: Sequence[str], source: str) -> dict[str, int]:
    """Parse the lines of a `strace -c` table; what strace printed before it is skipped.

    Columns are found by the header's names, so that any set which has `calls` and `syscall` will
    do; the cell of `errors` may be blank.
    """
    headers = [number for number, line in enumerate(lines) if _is_header(line)]
    if not headers:
        raise UserError(
            f"{source} has no table of strace: a header line with 'calls' and 'syscall' is "
            "missing; make one with `strace -f -c -o FILE COMMAND`"
        )
    if len(headers) > 1:
        raise UserError(
            f"{source}, line {headers[1] + 1}: a second table begins; give one table, of one run"
        )
    columns = _columns(lines[headers[0]])
    counts: dict[str, int] = {}
    for number, line in enumerate(lines[headers[0] + 1 :], start=headers[0] + 2):
        where = f"{source}, line {number}"
        if not line.strip() or _RULE.match(line.strip()) or line.startswith("strace:"):
            continue
        cells = line.split()
        if cells[columns.index("syscall") if columns[0] == "syscall" else -1] == "total":
            _check_total(cells, sum(counts.values()), where)
            break
        name, calls = _row(cells, columns, where)
        if name in counts:
            raise UserError(f"{where}: '{name}' appears twice")
        counts[name] = calls
    if not any(counts.values()):
        raise UserError(f"{source}, line {headers[0] + 1}: the table has no system calls")
    return {name: calls for name, calls in counts.items() if calls}


def _columns(line: str) -> list[str]:
    return line.replace("% time", "%time").split()


def _is_header(line: str) -> bool:
    return {"calls", "syscall"} <= set(_columns(line))


def _row(cells: list[str], columns: list[str], where: str) -> tuple[str, int]:
    if len(cells) == len(columns) - 1 and "errors" in columns:
        columns = [column for column in columns if column != "errors"]
    if len(cells) != len(columns):
        raise UserError(
            f"{where}: {len(cells)} cells where the header has {len(columns)} columns "
            f"({', '.join(columns)})"
        )
    row = dict(zip(columns, cells, strict=True))
    calls = row["calls"]
    if not (calls.isascii() and calls.isdigit() and len(calls) <= _MOST_DIGITS):
        raise UserError(f"{where}: '{calls[:40]}' is not a number of calls")
    return row["syscall"], int(calls)


def _check_total(cells: list[str], calls: int, where: str) -> None:
    # Older versions leave the cell of usecs/call empty here, so that places say nothing.
    if str(calls) not in cells:
        raise UserError(
            f"{where}: the rows above add up to {calls} calls, and the total line does not "
            "say so: a part of the output is missing"
        )


def mix_from_counts(
    name: str,
    counts: Mapping[str, int],
    depths: Mapping[str, tuple[Depth, int]],
    *,
    socket_calls: frozenset[str] = frozenset(),
    file_system: str = "ext4",
    page_faults: int = 0,
    voluntary_switches: int = 0,
    involuntary_switches: int = 0,
) -> Mix:
    """Join a mix with the user's depths; calls without a row of theirs take the measured ones."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    models = tuple(
        (
            _with_depth(
                model_of(call, "socket" if call in socket_calls else "file", file_system), depths
            ),
            count,
        )
        for call, count in ordered
    )
    measured = scenario_depth(PAGE_FAULT_SCENARIO, file_system)
    return Mix(
        name,
        models,
        depths.get(_FAULT_ROW, (measured, 0))[0],
        page_faults,
        voluntary_switches,
        involuntary_switches,
    )


def _with_depth(model: CallModel, depths: Mapping[str, tuple[Depth, int]]) -> CallModel:
    row = depths.get(model.name) or depths.get(DEFAULT_CALL)
    if row is None:
        return model
    depth, asleep = row
    if asleep:
        sleep = SleepDepth(asleep, asleep)
    elif model.sleep:
        sleep = SleepDepth(
            min(model.sleep.minimum, depth.maximum), min(model.sleep.maximum, depth.maximum)
        )
    else:
        sleep = None
    return replace(
        model,
        depth=depth,
        depth_asleep=depth if sleep else None,
        sleep=sleep,
        sleep_rank=model.sleep_rank or (1 if asleep else 0),
        known=True,
    )
