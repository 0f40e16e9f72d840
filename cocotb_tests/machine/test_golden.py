"""The golden table is what `make measure` gives; test_harts.py has the part with two harts."""

from __future__ import annotations

import copy
import json

import pytest

from cocotb_tests.machine.golden_table import ONE_HART, TWO_HARTS, TWO_HARTS_POLICIES
from sim import cli


def test_make_measure_gives_the_golden_table(tmp_path, monkeypatch):
    monkeypatch.setenv("DYNSTACK_RESULTS_DIR", str(tmp_path / "results"))
    figures = tmp_path / "figures.json"
    assert cli.main(["measure", "--json", str(figures)]) == 0
    ONE_HART.check(json.loads(figures.read_text())["runs"])


def test_a_figure_that_moved_is_named_with_the_command_that_updates_the_table():
    runs = copy.deepcopy(TWO_HARTS.runs)
    assert [run["variant"] for run in runs] == list(TWO_HARTS_POLICIES)
    TWO_HARTS.check(runs)
    median = runs[2]["phases"]["map"]["median"]
    runs[2]["phases"]["map"]["median"] += 1
    with pytest.raises(AssertionError) as failure:
        TWO_HARTS.check(runs)
    text = str(failure.value)
    assert f"{median} -> {median + 1}" in text
    assert "moved: 1 of 5 runs" in text
    assert text.endswith(
        ".venv/bin/dynstack measure --harts 2 --workload h31 --policy P0,P1,P4-migfence,P8,P12 "
        "--json cocotb_tests/machine/golden/two-harts.json"
    )


def test_a_run_that_is_missing_fails_too():
    with pytest.raises(AssertionError, match="only in A"):
        TWO_HARTS.check(TWO_HARTS.runs[1:])
