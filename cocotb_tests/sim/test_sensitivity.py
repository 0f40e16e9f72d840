"""What a study of settings says, from figures that are made up, and one that is run."""

from __future__ import annotations

import json

import pytest

from cocotb_tests.machine.test_machine import calls_and_sleeps
from rtl.presets import preset
from sim import cli, sensitivity
from sim.sensitivity import chart, outcome, study
from sim.sensitivity.settings import AS_IS, SETTINGS, Setting
from sim.workload.format import encode

FAR, NEAR, DEAR_FENCE = Setting("DRAM", "far"), Setting("DRAM", "near"), Setting("fence", "dear")


@pytest.fixture
def made_up() -> study.Study:
    cycles = {
        AS_IS: {"P0": 100.0, "P1": 110.0, "P4": 150.0},
        FAR: {"P0": 200.0, "P1": 215.0, "P4": 290.0},
        NEAR: {"P0": 90.0, "P1": 99.0, "P4": 130.0},
        DEAR_FENCE: {"P0": 100.0, "P1": 160.0, "P4": 155.0},
    }
    return study.Study("made-up", ("P0", "P1", "P4"), cycles)


def test_a_cost_is_over_the_baseline_under_the_same_setting(made_up):
    assert outcome.cost(made_up, AS_IS, "P4") == 50
    assert outcome.cost(made_up, FAR, "P4") == 90


def test_the_order_and_where_it_changes(made_up):
    assert outcome.flipped(made_up) == [outcome.Flip("P1", "P4", DEAR_FENCE, 40, 5)]
    first, second = outcome.flips(made_up)
    assert first.endswith("P0 < P1 < P4")
    assert second == (
        "fence: dear: P4 is cheaper than P1, by 5.0 cycles a call; under the preset it costs "
        "40.0 more"
    )


def test_an_order_that_stays_is_said_to(made_up):
    steady = study.Study("made-up", ("P0", "P4"), made_up.cycles)
    assert outcome.flips(steady)[1:] == ["the order is the same under every setting"]


@pytest.mark.parametrize(("before", "after"), [(40, 2), (2, 40)])
def test_policies_that_are_near_each_other_have_no_order(made_up, before, after):
    """On either side: what is within the resolution may come from where the linker puts data."""
    cycles = {
        AS_IS: {"P0": 100.0, "P1": 110.0, "P4": 110.0 + before},
        DEAR_FENCE: {"P0": 100.0, "P1": 160.0 + after, "P4": 160.0},
    }
    near = study.Study("made-up", ("P0", "P1", "P4"), cycles)
    assert [outcome.counts(near, flip) for flip in outcome.flipped(near)] == [False]
    assert outcome.flips(near)[1:] == [
        "no two policies change places that are further apart than 3% of P0's cycles on both sides",
        "pairs that change places within 3% of P0's cycles, and so have no order: 1 of 3; --json "
        "lists them",
    ]


def test_a_table_has_a_row_for_each_policy(made_up):
    table = outcome.cost_table(made_up)
    assert [list(column.cells) for column in table.columns] == [
        ["P0", "P1", "P4"],
        ["100.0", "10.0", "50.0"],
        ["200.0", "15.0", "90.0"],
        ["90.0", "9.0", "40.0"],
        ["100.0", "60.0", "55.0"],
    ]


def test_bars_go_from_the_largest_change_down(made_up):
    assert chart.bars(made_up, "P1") == [
        ("fence", [(DEAR_FENCE, 50)]),
        ("DRAM", [(FAR, 5), (NEAR, -1)]),
    ]
    assert [name for name, _ in chart.bars(made_up, "P4")] == ["DRAM", "fence"]


def test_a_chart_is_the_same_for_the_same_figures(made_up, tmp_path):
    first = chart.write_chart(made_up, "P4", tmp_path / "first").read_bytes()
    assert first == chart.write_chart(made_up, "P4", tmp_path / "second").read_bytes()
    assert first.startswith(b"<?xml")
    assert first != chart.write_chart(made_up, "P1", tmp_path / "first").read_bytes()


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_a_setting_changes_a_machine_that_can_be_built(setting):
    changed = setting.change(preset("rocket"))
    changed.soc.validate()
    changed.straps.validate(changed.soc)
    workload = setting.change_workload(calls_and_sleeps())
    encode(workload)
    if setting != AS_IS:
        assert (changed, workload, setting.fence_cycles) != (
            preset("rocket"),
            calls_and_sleeps(),
            0,
        )


def test_a_seed_that_is_none(capsys):
    assert cli.main(["sensitivity", "--seed", "-1"]) == 2
    assert "--seed is -1" in capsys.readouterr().err


def test_a_policy_that_is_not_there(capsys):
    assert cli.main(["sensitivity", "--policy", "P99"]) == 2
    assert "no policy 'P99'" in capsys.readouterr().err


def test_a_study_that_is_run(tmp_path, monkeypatch, capsys):
    """On the default machine: a slower DRAM, and fences that are made dearer by calculation."""
    dram, fence = SETTINGS[2], next(setting for setting in SETTINGS if setting.fence_cycles)
    settings = (AS_IS, dram, fence)
    monkeypatch.setattr(study, "SETTINGS", settings)
    monkeypatch.setattr(sensitivity, "SETTINGS", settings)
    monkeypatch.setenv("DYNSTACK_RESULTS_DIR", str(tmp_path / "results"))
    workload = tmp_path / "few.bin"
    workload.write_bytes(encode(calls_and_sleeps()))
    figures, charts = tmp_path / "figures.json", tmp_path / "charts"
    command = ["sensitivity", "--policy", "P4", "--workload", str(workload)]
    assert cli.main([*command, "--charts", str(charts), "--json", str(figures)]) == 0
    assert [file.name for file in charts.iterdir()] == ["P4.svg"]
    assert "order under the preset" in capsys.readouterr().out
    base, slow, dear = (
        entry["cycles_per_syscall"] for entry in json.loads(figures.read_text())["settings"]
    )
    assert slow["P0"] > base["P0"]
    # P4 fences three times on each way in, P0 only where address spaces change.
    assert dear["P4"] - base["P4"] > 3 * fence.fence_cycles > dear["P0"] - base["P0"]
