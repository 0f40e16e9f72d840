"""Litmus tests on the machine: every outcome is allowed, and the store buffer shows."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from sim import cli
from sim.litmus import campaign, catalogue, configurations, histogram
from sim.litmus.catalogue import select

TWO_HARTS = [test for test in select() if configurations.harts_for(test) == 2]
FOUR_HARTS = [test.name for test in select() if configurations.harts_for(test) == 4]

GROUPS = {"messages": ("MP", "S"), "buffering": ("SB", "R"), "loads": ("LB", "2+2W"), "others": ()}
"""Shapes of two harts, in parts of about one size; the last has what is in no other."""

RELAXED = ("SB+po+po", "R+po+po")
"""Two harts that pass each other's stores: what a store buffer is there to allow."""


def run(names: list[str], machine: str, iterations: int, directory: Path) -> dict[str, dict]:
    """Run `dynstack litmus`, which has to find nothing; return its JSON by test."""
    file = directory / "litmus.json"
    options = ["--machines", machine, "--iterations", str(iterations), "--workers", "1"]
    status = cli.main(["litmus", *names, *options, "--json", str(file)])
    outcome = json.loads(file.read_text())
    assert status == 0, outcome["findings"]
    assert outcome["status"] == "pass"
    return {test["name"]: test for test in outcome["tests"]}


def seen(test: dict, kind: str) -> int:
    """How often the condition of a test was met."""
    condition = catalogue.select([test["name"]])[0]
    matching = {
        condition.describe(outcome)
        for outcome in campaign.allowed(condition)
        if condition.matches(outcome)
    }
    return sum(found[kind] for found in test["outcomes"] if found["values"] in matching)


def names(group: str) -> list[str]:
    elsewhere = {shape for shapes in GROUPS.values() for shape in shapes}
    return [
        test.name
        for test in TWO_HARTS
        if test.shape in GROUPS[group] or (not GROUPS[group] and test.shape not in elsewhere)
    ]


@pytest.mark.parametrize("group", GROUPS)
def test_two_harts_with_a_store_buffer(group, tmp_path):
    tests = run(names(group), "tiny", 2000, tmp_path)
    assert set(tests) == set(names(group))
    for name in set(RELAXED) & set(tests):
        assert seen(tests[name], "with_buffer") > 5
    for test in tests.values():
        assert test["iterations"] >= 500
        assert test["forbidden_seen"] == 0


def test_without_a_store_buffer_harts_are_sequentially_consistent(tmp_path):
    """The command fails on an outcome that no interleaving of instructions explains."""
    tests = run([test.name for test in TWO_HARTS], "rocket", 1000, tmp_path)
    for name in RELAXED:
        assert seen(tests[name], "without_buffer") == 0
        assert sum(found["without_buffer"] > 0 for found in tests[name]["outcomes"]) >= 2


def test_four_harts(tmp_path):
    tests = run(FOUR_HARTS, "tiny", 2000, tmp_path)
    assert len(tests["IRIW+addr+addr"]["outcomes"]) == 15
    assert sum(found["with_buffer"] > 0 for found in tests["IRIW+addr+addr"]["outcomes"]) > 4
    shapes = {name.partition("+")[0] for name in tests}
    assert {"WRC", "RWC", "WWC", "ISA2", "IRIW"} <= shapes


@pytest.fixture
def nothing_allowed(monkeypatch):
    """As if the model forbade what a store buffer does."""
    (test,) = select(["SB+po+po"])
    monkeypatch.setattr(
        campaign,
        "allowed",
        lambda asked: campaign.possible(asked, False) if asked == test else None,
    )
    return test


def test_a_forbidden_outcome_is_told_with_its_trace(nothing_allowed, capfd, tmp_path):
    file = tmp_path / "litmus.json"
    options = ["--machines", "tiny", "--iterations", "1000", "--json", str(file)]
    status = cli.main(["litmus", "SB+po+po", *options])
    err = capfd.readouterr().err
    assert status == 1
    (finding,) = json.loads(file.read_text())["findings"]
    assert finding["outcome"] == "0:a0=0 1:a0=0 x=1 y=1"
    assert "SB+po+po: RVWMO forbids it" in err
    assert finding["command"] in err
    told = [line for line in err.splitlines() if line.startswith("  cycle ")]
    cycles = [int(line.split()[1].replace(",", "")) for line in told]
    assert len(told) == 4
    assert cycles == sorted(cycles)
    assert max(cycles) - min(cycles) < 400
    assert {line.partition("hart ")[2] for line in told} == {
        f"{hart}  {text}"
        for hart, thread in enumerate(nothing_allowed.threads)
        for text in (insn.text for insn in thread)
    }


@pytest.mark.parametrize("harts", [2, 4])
def test_iterations_are_told_apart(harts):
    """One of a batch differs: x was 0 at the end, and hart 1 read y before it read x."""
    (test,) = select(["MP+po+po"])
    for iteration in range(16):
        records = np.zeros((harts, 1), dtype=histogram.RECORD)
        # A hart shifts its bytes in: what it told first is in the highest place.
        records["bytes"][1, 0, iteration // 8, 7 - iteration % 8] = 0b01_00
        share = 16 // harts
        records["memory"][iteration // share, 0, share - 1 - iteration % share] = 0b01_00
        found = histogram.decode(test, harts, 1, records.tobytes())
        assert found.counts == {(0, 0, 0, 0): 15, (0, 1, 0, 1): 1}
        assert found.first[0, 1, 0, 1] == iteration
        assert found.stray is None


def test_a_value_from_nowhere_is_a_finding():
    (test,) = select(["MP+po+po"])
    raw = bytearray(2 * 32)
    raw[32 + 24] = 4
    assert histogram.decode(test, 2, 1, bytes(raw)).stray == 0
    work = configurations.plan([test], 100, 1, ["tiny"])[0]
    (finding,) = campaign.judge(work, test, histogram.decode(test, 2, 1, bytes(raw)))
    assert "no store of the test writes" in finding.sentence


def test_what_makes_no_sense_is_refused(capfd):
    assert cli.main(["litmus", "--iterations", "0"]) == 2
    assert cli.main(["litmus", "IRIW", "--machines", "rocket"]) == 2
    assert cli.main(["litmus", "MQ"]) == 2
    err = capfd.readouterr().err
    assert "use 1 to 1000000" in err
    assert "none of these machines has the harts" in err
    assert "no litmus test 'MQ'" in err
