"""Kanata's log format, version 0004, which the pipeline viewer Konata opens.

https://github.com/shioyadan/Konata/blob/master/docs/kanata-log-format.md: a line is a command with
tabs between its words, and everything happens in the cycle that the last `C` line has led to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_LANE = 0
_LEFT_LABEL, _HOVER_LABEL = 0, 1
_RETIRED, _FLUSHED = 0, 1


@dataclass
class Row:
    """One instruction: a row of the diagram.

    `stages` are names with the cycle in which each begins, in order; one lasts up to the next.
    `end` is the first cycle that it is nowhere any more, None where the log ends before.
    """

    text: str
    stages: list[tuple[int, str]]
    end: int | None = None
    retired: bool = False
    details: str = ""
    thread: int = 0
    begin: int = field(init=False)

    def __post_init__(self) -> None:
        self.begin = self.stages[0][0]


def kanata_lines(rows: Sequence[Row], first: int) -> Iterator[str]:
    """Lines of a log that begins in cycle `first`; rows in the order in which they were fetched."""
    commands: dict[int, list[str]] = {}

    def at(cycle: int, *words: object) -> None:
        commands.setdefault(cycle, []).append("\t".join(map(str, words)))

    retired = 0
    for number, row in enumerate(rows):
        at(row.begin, "I", number, number, row.thread)
        at(row.begin, "L", number, _LEFT_LABEL, row.text)
        if row.details:
            at(row.begin, "L", number, _HOVER_LABEL, row.details)
        for cycle, stage in row.stages:
            at(cycle, "S", number, _LANE, stage)
        if row.end is not None:
            at(row.end, "E", number, _LANE, row.stages[-1][1])
            at(row.end, "R", number, retired, _RETIRED if row.retired else _FLUSHED)
            retired += row.retired
    yield "Kanata\t0004"
    yield f"C=\t{first}"
    now = first
    for cycle in sorted(commands):
        if cycle > now:
            yield f"C\t{cycle - now}"
            now = cycle
        yield from commands[cycle]
