"""`dynstack torture` on the machine: programs in lockstep, coverage, and a planted difference."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from rtl.presets import preset
from sim import cli
from sim.report import console
from sim.run import with_straps
from sim.torturing import campaign
from sim.torturing.cells import CSRS, TABLES
from sim.torturing.census import Census
from sim.torturing.census_report import print_census
from sim.torturing.configurations import Machine
from sim.torturing.drawing import EXECUTION_LIMIT, draw_plan


def test_a_million_instructions(capfd, tmp_path):
    """Every program is valid: Spike, which follows each instruction, sees it end by itself.

    The structures are those whose models other tests need, too.
    """
    file = tmp_path / "outcome.json"
    options = ["--instructions", "1000000", "--workers", "1", "--json", str(file)]
    status = cli.main(["torture", *options, "--presets", "rocket", "tiny"])
    captured = capfd.readouterr()
    assert status == 0, captured.err
    outcome = json.loads(file.read_text())
    assert outcome["status"] == "pass"
    assert outcome["instructions"] >= 1_000_000
    assert outcome["structures"] == ["rocket", "tiny"]
    assert outcome["machines"] == outcome["programs"]
    assert 100 < outcome["most_executed"] <= EXECUTION_LIMIT
    assert "seed 1: " in captured.out
    # Small tables are full long before the large one.
    empty = {tuple(cell) for cell in outcome["empty"] if cell[0] in ("exceptions", "returns")}
    assert len(empty) < 8, empty


def test_several_harts(capfd, tmp_path, monkeypatch):
    """Each agrees with a Spike of its own, memory is in order, and no translation is used that a
    fence had covered; the harts do meet.

    Of the first dozen seeds this one's programs find the mutant of class 17.
    """
    monkeypatch.setattr("sim.torture.SHRINKING_RUNS", 10)
    file = tmp_path / "outcome.json"
    options = ["--seed", "3", "--harts", "2", "--instructions", "300000", "--workers", "1"]
    options += ["--json", str(file)]
    status = cli.main(["torture", *options])
    captured = capfd.readouterr()
    assert status == 0, captured.err
    outcome = json.loads(file.read_text())
    assert outcome["status"] == "pass"
    assert outcome["instructions"] >= 300_000
    assert (outcome["structures"], outcome["harts"]) == (["tiny", "rocket"], [2])
    for what in ("foreign_values", "foreign_instructions", "interrupts", "sc_failures"):
        assert outcome["exceptions"][what] > 0, what
    assert "values that others had written" in captured.out


@pytest.fixture
def planted(monkeypatch, tmp_path):
    """A program that relies on ASIDs, on a machine that ignores them: it uses stale translations,
    which Spike, told to ignore them as well, does not have."""
    usual = preset("tiny")
    machine = Machine("tiny", usual.soc, with_straps(usual.straps, ["honour_asid=0"]))

    def case(seed: int, number: int, _presets: Sequence[str] = ()) -> campaign.Case:
        plan = draw_plan(seed + number, 3, honour_asid=True, svadu=False)
        return campaign.Case(number, machine, plan)

    monkeypatch.setattr(campaign, "case", case)
    monkeypatch.setenv("DYNSTACK_RESULTS_DIR", str(tmp_path / "results"))
    return machine


def test_a_difference_is_shrunk_and_saved(capfd, tmp_path, monkeypatch, planted):
    monkeypatch.setattr("sim.torture.SHRINKING_RUNS", 8)
    file = tmp_path / "outcome.json"
    options = ["--instructions", "300000", "--workers", "1", "--json", str(file)]
    status = cli.main(["torture", *options, "--presets", "tiny"])
    err = capfd.readouterr().err
    assert status == 4
    failure = json.loads(file.read_text())["failure"]
    directory = Path(failure["directory"])
    original = (directory / "original" / "program.elf").read_bytes()
    assert original != (directory / "short" / "program.elf").read_bytes()
    report = (directory / "short" / "report.txt").read_text()
    assert "the RTL and Spike differ in" in report
    assert failure["steps"] < campaign.case(1, failure["program"]).plan.size
    command = failure["command"]
    assert " ".join(command) in err
    assert command[:2] == ["dynstack", "run"]
    straps = [option.removeprefix("--strap=") for option in command if "--strap" in option]
    assert with_straps(preset("tiny").straps, straps) == planted.straps


def test_what_makes_no_sense_is_refused(capfd):
    assert cli.main(["torture", "--instructions", "0"]) == 2
    assert cli.main(["torture", "--workers", "0"]) == 2
    assert "use at least 1" in capfd.readouterr().err


def _everything(value: int) -> dict:
    """Counts with the same number in every legal cell."""
    raw: dict = {table.name: (table.legal() * value).ravel().tolist() for table in TABLES}
    raw["csrs"] = {str(address): [value, value] for address in CSRS.values()}
    return {**raw, "most_executed": 17}


def test_a_full_table_has_no_empty_cell():
    census = Census()
    census.add(_everything(1))
    assert census.empty() == []
    assert census.illegal() == []
    assert census.most_executed == 17


def test_an_empty_and_an_impossible_cell_are_named():
    raw = _everything(1)
    names = [table.name for table in TABLES]
    translations, exceptions = (TABLES[names.index(n)] for n in ("translations", "exceptions"))
    missing = ("AMO", "M by MPRV", "1 GiB", "access fault", "address, ASID")
    raw["translations"][translations.cells().index(missing)] = 0
    impossible = ("call from M", "M", "S")
    raw["exceptions"][exceptions.cells().index(impossible)] = 1
    raw["csrs"][str(CSRS["satp"])] = [1, 0]
    census = Census()
    census.add(raw)
    assert census.empty() == [("translations", missing), ("csrs", ("satp", "written"))]
    ((table, cell, reason),) = census.illegal()
    assert (table, cell) == ("exceptions", impossible)
    assert reason


def test_every_table_has_a_reason_for_what_it_leaves_out():
    for table in TABLES:
        for cell in table.cells():
            reason = table.why_illegal(cell)
            assert reason is None or len(reason) > 10
        assert table.legal().any()


def test_no_figure_of_the_tables_is_cut_off(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    census = Census()
    census.add(_everything(1_234_567))
    print_census(census, console())
    out = capsys.readouterr().out
    assert "…" not in out
    assert out.count(" 1,234,567") == sum(table.legal().sum() for table in TABLES)
