"""The coverage table as it is printed: lines for what was done, columns for what became of it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from rich.console import Console
from rich.table import Table as Lines

from sim.report import number, plain_table, print_whole

from .cells import TABLES, Table
from .census import Census

_WORDS = {"translations": ("access", "mode", "last fence")}
"""Dimensions that tell lines apart, where it is not the first alone."""
_NAMED = ("from", "to", "mode")
"""Dimensions whose values say nothing in a heading without their name."""


def print_census(census: Census, output: Console) -> None:
    """Print every table. A cell that cannot occur is blank; one that did not is 0."""
    for table in TABLES:
        output.print()
        print_whole(output, _lines(table, census.counts[table.name]))
    read = sum(1 for counts in census.csrs.values() if counts[0])
    written = sum(1 for counts in census.csrs.values() if counts[1])
    output.print()
    output.print(f"{read} CSRs read, {written} written")


def _lines(table: Table, counts: np.ndarray) -> Lines:
    """Build the lines of a table, without those and without columns in which nothing can occur."""
    names = list(table.dimensions)
    words = list(_WORDS.get(table.name, names[:1]))
    others = [name for name in names if name not in words]
    order = [names.index(name) for name in (*words, *others)]
    labels = list(itertools.product(*(table.dimensions[name] for name in words)))
    legal = table.legal().transpose(order).reshape(len(labels), -1)
    figures = counts.transpose(order).reshape(len(labels), -1)
    columns = np.flatnonzero(legal.any(axis=0))
    headings = list(itertools.product(*(table.dimensions[name] for name in others)))
    lines = plain_table(
        f"{table.name.capitalize()}: {', '.join(names)}",
        words,
        [_heading(others, headings[column]) for column in columns],
    )
    for label, possible, found in zip(labels, legal, figures, strict=True):
        if possible.any():
            cells = [number(int(found[c])) if possible[c] else "" for c in columns]
            lines.add_row(*label, *cells)
    return lines


def _heading(names: Sequence[str], values: Sequence[str]) -> str:
    """One value below the other; a fault's kind and the word itself too."""
    parts = (
        f"{name} {value}" if name in _NAMED else value.replace(" fault", "\nfault")
        for name, value in zip(names, values, strict=True)
    )
    return "\n".join(parts)
