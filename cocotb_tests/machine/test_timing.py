"""The table of docs/timing.md is what the benchmark measures."""

from __future__ import annotations

import json
import statistics

import pytest

from rtl.presets import preset
from sim import agreement, calibrate, cli, core_switches, microbenchmarks
from sim.cache import PROJECT_ROOT
from sim.errors import UserError

LATENCY = 2
HARTS_LATENCY = 20
"""At which the rows of several harts were measured on the core."""


def figures(text: str) -> dict[str, list[str]]:
    """Cells after the name of a sequence, for every line of a table."""
    lines = [line.split() for line in text.splitlines()]
    return {line[0]: line[1:] for line in lines if len(line) == 4 and line[1][0].isdigit()}


@pytest.fixture(scope="module")
def rocket_rows(tmp_path_factory) -> list[dict]:
    output = tmp_path_factory.mktemp("calibrate") / "rows.json"
    assert cli.main(["calibrate", "--json", str(output)]) == 0
    return json.loads(output.read_text())["rows"]


def printed_figures(capsys, rows: list[dict]) -> dict[str, list[str]]:
    capsys.readouterr()
    calibrate.print_rows(rows)
    return figures(capsys.readouterr().out)


def test_the_page_has_the_cycles_that_the_benchmark_measures(capsys, rocket_rows):
    """After a change that moves cycles on purpose: paste what `calibrate --latency 2` prints."""
    rows = [row for row in rocket_rows if row["latency"] == LATENCY]
    printed = printed_figures(capsys, rows)
    assert len(rows) == len(printed) >= 90
    assert tables()[0] == printed


def test_the_page_has_the_cycles_between_harts(capsys, rocket_rows):
    """After a change that moves them on purpose: paste the group of `calibrate --latency 20`."""
    rows = [row for row in rocket_rows if row["latency"] == HARTS_LATENCY]
    printed = printed_figures(capsys, [row for row in rows if row["group"] == "harts"])
    assert len(printed) == 14
    assert tables()[1] == printed


def tables() -> list[dict[str, list[str]]]:
    page = (PROJECT_ROOT / "docs" / "timing.md").read_text()
    return [figures(block) for block in page.split("```")[1::2]]


ONE_CYCLE = microbenchmarks.Measurement(1, 1, 1, 1)


def everything() -> dict[str, microbenchmarks.Measurement]:
    """A result in which every sequence took one cycle."""
    rows = [line.split(",") for line in calibrate.DATA.read_text().splitlines()[1:]]
    return dict.fromkeys((row[0] for row in rows), ONE_CYCLE)


def test_what_does_not_agree_with_rocket_is_known_and_rare(rocket_rows):
    """At both latencies at which the core was measured."""
    compared = [row for row in rocket_rows if row["reference"] is not None]
    apart = {row["id"] for row in compared if not row["agrees"]}
    assert apart == set(agreement.KNOWN)
    assert len(apart) < len({row["id"] for row in compared}) / 20
    for latency in (2, 20):
        errors = [abs(row["error_percent"]) for row in compared if row["latency"] == latency]
        assert statistics.median(errors) <= 5


def test_the_switches_of_cva6_decide_what_they_decide_on_the_core(rocket_rows):
    """And the same rows say the opposite of Rocket, core and model."""
    measured = microbenchmarks.run(preset("cva6"), 20)
    measured |= dict.fromkeys(set(everything()) - set(measured), ONE_CYCLE)
    cva6_rows = calibrate.compare("cva6", 20, measured)
    for rows, expected in ((cva6_rows, True), (rocket_rows, False)):
        compared = [row for row in rows if row["reference"] is not None and row["latency"] == 20]
        for side in ("reference", "model"):
            cycles = {row["id"]: row[side] for row in compared}
            for question in core_switches.QUESTIONS:
                assert core_switches.answer(question, cycles) is expected, (question, side)
    assert core_switches.summary(cva6_rows)[1:] == [
        f"  yes, yes: {question.text} ({question.switch})" for question in core_switches.QUESTIONS
    ]


@pytest.mark.parametrize(
    ("model", "reference", "operations", "expected"),
    [
        (115, 100, 1, True),
        (116, 100, 1, False),
        (84, 100, 1, False),
        (6, 4, 1, True),
        (6.1, 4, 1, False),
        (3, 2.5, 32, True),
        (3.1, 2.5, 32, False),
        (11.4, 10, 32, True),
    ],
)
def test_agreement_is_relative_or_of_a_few_cycles(model, reference, operations, expected):
    assert agreement.agrees(model, reference, operations) == expected


def test_errors_are_relative_to_the_core_of_the_preset():
    found = {row["id"]: row for row in calibrate.compare("rocket", 20, everything())}
    cold = found["single-load-use-line-cold-evicted"]
    assert cold["reference"] == 38
    assert cold["model"] == 1
    assert cold["error_percent"] == pytest.approx(-97.4)


def test_a_preset_or_latency_without_measurements_has_no_error():
    for name, latency in (("tiny", 20), ("rocket", 3), ("cva6", 2)):
        rows = calibrate.compare(name, latency, everything())
        assert {(row["reference"], row["error_percent"]) for row in rows} == {(None, None)}


def test_rows_that_one_side_lacks_are_named():
    one_less = everything()
    del one_less["divu-x-0"]
    with pytest.raises(UserError, match="divu-x-0"):
        calibrate.compare("rocket", LATENCY, one_less)


def test_a_program_that_fails_is_no_measurement(monkeypatch):
    failing = PROJECT_ROOT / "cocotb_tests" / "native" / "programs" / "finisher_fail.S"
    broken = microbenchmarks.build_program([failing])
    monkeypatch.setattr(microbenchmarks, "image", lambda _progress: broken)
    with pytest.raises(UserError, match="ended with fail"):
        microbenchmarks.run(preset("rocket"), LATENCY)
