"""Verdicts as text."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from sim.report import console

_STYLES = {"holds": "green", "limited": "yellow", "refuted": "red", "undecided": "dim"}


def print_verdict(entry: dict) -> None:
    """One line on standard error, as soon as a claim is decided."""
    print(f"{entry['id']}: {entry['verdict']}: {entry['because']}", file=sys.stderr, flush=True)


def print_verdicts(entries: Sequence[dict]) -> None:
    """The table: for each claim its words and source, what was found, and the evidence."""
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 1, 0))
    table.add_column("claim", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("what was said, and what was found", overflow="fold")
    for entry in entries:
        style = _STYLES[entry["verdict"]]
        claim = f"{entry['claim']} ({entry['origin']})"
        lines = (claim, entry["because"], *entry["evidence"])
        table.add_row(entry["id"], Text(entry["verdict"], style=style), "\n".join(lines))
    console().print(table)
