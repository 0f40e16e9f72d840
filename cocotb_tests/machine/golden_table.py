"""The golden table: figures that the repository keeps, and what to do when a change moves them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from sim.cache import PROJECT_ROOT
from sim.compare import print_comparison
from sim.comparison import compare, read_runs


@dataclass(frozen=True)
class GoldenTable:
    """A file of the repository, and the arguments of `dynstack measure` that write it."""

    file: Path
    arguments: tuple[str, ...] = ()

    @property
    def runs(self) -> list[dict]:
        return read_runs(self.file)

    @property
    def command(self) -> str:
        """What updates the file on purpose, from the root of the project."""
        path = self.file.relative_to(PROJECT_ROOT).as_posix()
        return " ".join((".venv/bin/dynstack measure", *self.arguments, "--json", path))

    def check(self, runs: Sequence[dict]) -> None:
        """Raise AssertionError that says what moved (A: the table, B: now), and what to do."""
        comparison = compare(self.runs, runs)
        if comparison.is_empty:
            return
        text = io.StringIO()
        print_comparison(comparison, Console(file=text, width=120, highlight=False))
        raise AssertionError(
            f"figures of the golden table moved, from A to B:\n\n{text.getvalue()}\n"
            f"If they were meant to, update the table and say why in the commit:\n{self.command}"
        )


_DIRECTORY = PROJECT_ROOT / "cocotb_tests" / "machine" / "golden"
ONE_HART = GoldenTable(_DIRECTORY / "one-hart.json")
"""What `make measure` runs."""
TWO_HARTS_POLICIES = ("P0", "P1", "P4-migfence", "P8", "P12")
TWO_HARTS = GoldenTable(
    _DIRECTORY / "two-harts.json",
    ("--harts", "2", "--workload", "h31", "--policy", ",".join(TWO_HARTS_POLICIES)),
)
"""Threads that sleep, wake on the other hart and have their stacks fenced."""
