"""GTKWave's save files and translate filter files.

A save file is a list of lines: global settings in brackets, then rows. Flags hold from the line
that sets them to the next. GTKWave looks for the files that it names beside the save file too,
where a directory has moved as a whole.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


class Radix(enum.Enum):
    """How a row shows its value; the number is GTKWave's trace flag."""

    HEX = 0x02
    DECIMAL = 0x04
    BIT = 0x08


_RIGHT_JUSTIFY = 0x20
_TRANSLATE = 0x2000
_GROUP_BEGIN, _GROUP_BEGIN_CLOSED = 0x80_0200, 0xC0_0200
_GROUP_END, _GROUP_END_CLOSED = 0x100_0200, 0x140_1200


@dataclass(frozen=True)
class Row:
    """One signal: its full name in the dump without a range, its width, and what to call it.

    `labels` names the filter file, without suffix, that turns values into text.
    """

    signal: str
    width: int
    name: str
    radix: Radix = Radix.HEX
    labels: str | None = None

    @property
    def reference(self) -> str:
        """The name by which GTKWave finds the signal."""
        return self.signal if self.width == 1 else f"{self.signal}[{self.width - 1}:0]"


@dataclass(frozen=True)
class Group:
    """Rows under a heading; a closed group shows its heading alone."""

    name: str
    rows: tuple[Row, ...]
    closed: bool = False


@dataclass(frozen=True)
class View:
    """Where the window opens: times in units of the dump, markers by name in order of time."""

    start: int
    units_per_pixel: float
    markers: tuple[tuple[str, int], ...] = ()


_MARKERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PIXELS_PER_FRAME = 200
"""GTKWave's zoom is minus the binary logarithm of the time that this many pixels show."""


def save_file(path: Path, dump: Path, groups: Sequence[Group], view: View, labels: Path) -> None:
    """Write the save file of a dump; `labels` is the directory of the filter files."""
    lines = [
        f'[dumpfile] "{dump.resolve()}"',
        f'[savefile] "{path.resolve()}"',
        f"[timestart] {view.start}",
        "[size] 1600 1000",
        "[sst_expanded] 0",
        "[signals_width] 220",
    ]
    markers = view.markers[: len(_MARKERS)]
    zoom = -math.log2(view.units_per_pixel * _PIXELS_PER_FRAME)
    times = [time for _, time in markers] + [-1] * (len(_MARKERS) - len(markers))
    lines.append(f"*{zoom:.6f} -1 {' '.join(map(str, times))}")
    lines += [f"[markername] {_MARKERS[i]}{name}" for i, (name, _) in enumerate(markers)]
    files = sorted({row.labels for group in groups for row in group.rows if row.labels})
    for group in groups:
        lines += [f"@{_GROUP_BEGIN_CLOSED if group.closed else _GROUP_BEGIN:x}", f"-{group.name}"]
        for row in group.rows:
            flags = row.radix.value | _RIGHT_JUSTIFY | (_TRANSLATE if row.labels else 0)
            lines.append(f"@{flags:x}")
            if row.labels:
                number = files.index(row.labels) + 1
                lines.append(f"^{number} {(labels / f'{row.labels}.txt').resolve()}")
            lines.append(f"+{{{row.name}}} {row.reference}")
        lines += [f"@{_GROUP_END_CLOSED if group.closed else _GROUP_END:x}", f"-{group.name}"]
    path.write_text("\n".join(lines) + "\n")


def filter_file(path: Path, width: int, labels: Mapping[int, str]) -> None:
    """Write the texts of values of this many bits, as rows in hexadecimal look them up.

    A text that begins with `?colour?` is shown in that colour, an X11 name.
    """
    digits = -(-width // 4)
    path.write_text("".join(f"{value:0{digits}x} {text}\n" for value, text in labels.items()))
