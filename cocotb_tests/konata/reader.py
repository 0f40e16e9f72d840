"""Reads a Kanata log back, command by command, and demands that it is well-formed."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Shown:
    """A row of the diagram; `stages` are (name, first cycle, cycle after the last)."""

    thread: int
    text: str = ""
    details: str = ""
    stages: list[tuple[str, int, int]] = field(default_factory=list)
    end: int | None = None
    retired: bool = False

    def __getitem__(self, stage: str) -> tuple[int, int]:
        ((first, end),) = [(b, e) for name, b, e in self.stages if name == stage]
        return first, end


def read(text: str) -> list[Shown]:
    lines = [line.split("\t") for line in text.splitlines()]
    assert lines[0] == ["Kanata", "0004"]
    assert lines[1][0] == "C="
    now = int(lines[1][1])
    rows: dict[int, Shown] = {}
    order = []
    for command, *words in lines[2:]:
        if command == "C":
            assert int(words[0]) > 0
            now += int(words[0])
            continue
        number = int(words[0])
        if command == "I":
            assert number == len(rows) == int(words[1])
            rows[number] = Shown(int(words[2]))
            continue
        row = rows[number]
        assert row.end is None, "something happens to an instruction that is gone"
        if command == "L":
            assert words[1] in ("0", "1")
            if words[1] == "0":
                row.text += words[2]
            else:
                row.details += words[2]
        elif command == "S":
            if row.stages:
                name, first, _ = row.stages[-1]
                row.stages[-1] = (name, first, now)
            row.stages.append((words[2], now, now))
        elif command == "E":
            name, first, _ = row.stages[-1]
            assert words[2] == name
            row.stages[-1] = (name, first, now)
        else:
            assert command == "R"
            row.end, row.retired = now, words[2] == "0"
            if row.retired:
                assert int(words[1]) == len(order)
                order.append(number)
    assert order == sorted(order), "instructions retire in the order of the program"
    return list(rows.values())
