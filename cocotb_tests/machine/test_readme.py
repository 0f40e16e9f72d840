"""The tables in the README are those of the golden table, which is what `make measure` gives."""

from __future__ import annotations

import io

from rich.console import Console

from cocotb_tests.machine.golden_table import ONE_HART
from sim.cache import PROJECT_ROOT
from sim.report import print_measurements


def cells(text: str) -> list[list[str]]:
    """Lines cell by cell: how far columns stand apart does not count."""
    return [line.split() for line in text.splitlines()]


def test_every_row_in_the_readme_is_what_measure_prints():
    """After a change that moves figures on purpose: run `make measure`, and paste its tables."""
    output = io.StringIO()
    print_measurements(ONE_HART.runs, Console(file=output, width=120, highlight=False))
    printed = iter(cells(output.getvalue()))
    text = (PROJECT_ROOT / "README.md").read_text()
    begin, end = text.index("    sqlite-insert-select  preset"), text.index("\nCycles count in")
    shown = [row for row in cells(text[begin:end]) if row]
    assert len(shown) > 60
    # In the same order; the README leaves tables out.
    for row in shown:
        assert row in printed, f"the README has {' '.join(row)}"
