"""Verdicts as text."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sim.report import console

_STYLES = {"holds": "green", "limited": "yellow", "refuted": "red", "undecided": "dim"}


def print_verdict(entry: dict) -> None:
    """One line on standard error, as soon as a claim is decided."""
    output = Console(stderr=True, highlight=False)
    print(f"{entry['id']}: {entry['verdict']}: {entry['because']}", file=sys.stderr)
    output.file.flush()


def print_verdicts(entries: Sequence[dict]) -> None:
    """The table: a row for each claim, its evidence below."""
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 1, 0))
    table.add_column("claim", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("what it says, and the figures", overflow="fold")
    for entry in entries:
        style = _STYLES[entry["verdict"]]
        lines = [escape(entry["claim"]), escape(entry["because"]), *map(escape, entry["evidence"])]
        table.add_row(entry["id"], f"[{style}]{entry['verdict']}[/{style}]", "\n".join(lines))
    console().print(table)
