"""`dynstack compare` on figures that are made up."""

from __future__ import annotations

import copy
import json

import pytest

from cocotb_tests.sim.test_report import run_of
from sim import cli
from sim.comparison import compare

RUNS = [run_of("P0"), run_of("P4"), run_of("P4", workload="find-grep")]


@pytest.fixture
def command(tmp_path, capsys):
    def run(before: object, after: object, *options: str) -> str:
        """What the command prints about these two lists of runs."""
        files = [tmp_path / "a.json", tmp_path / "b.json"]
        for file, runs in zip(files, (before, after), strict=True):
            file.write_text(json.dumps({"runs": runs}))
        assert cli.main(["compare", *map(str, files), *options]) == 0
        return capsys.readouterr().out

    return run


def changed(number: int, **figures: object) -> list[dict]:
    runs = copy.deepcopy(RUNS)
    runs[number].update(figures)
    return runs


def test_nothing_moved(command):
    assert command(RUNS, RUNS) == "nothing moved: 3 runs, the same in every figure\n"


def test_figures_of_a_run_with_their_difference(command):
    text = command(RUNS, changed(1, cycles_per_syscall=1302.5, stack_kib_per_thread=11.25))
    row = next(line.split() for line in text.splitlines() if line.startswith("deep-calls"))
    assert row[:5] == ["deep-calls", "P4", "rocket", "1", "1"]
    assert row[5:] == ["1,300.000", "1,302.500", "+2.500", "11.500", "11.250", "-0.250"]
    assert "Phases" not in text
    assert text.endswith("moved: 1 of 3 runs\n")


def test_a_phase_that_moved_and_only_that(command):
    runs = changed(2)
    runs[2]["phases"]["map"].update(count=201, median=198, p99=None)
    rows = [" ".join(line.split()) for line in command(RUNS, runs).splitlines()]
    moved = [row for row in rows if row.startswith("find-grep P4 map")]
    assert moved == ["find-grep P4 map 200 -> 201 199 -> 198 297 -> - 39,900"]
    assert not [row for row in rows if "unmap" in row]


def test_whatever_else_moved_is_named(command):
    runs = changed(0, walks=4, findings=[{"kind": "stale"}], threads=9)
    runs[0]["phases"]["trap_exit"]["stalls"] |= {"retiring": 39_699, "muldiv": 1}
    text = command(RUNS, runs)
    assert (
        "P0 on deep-calls, preset rocket, harts 1, seed 1: also threads 8 -> 9, findings, "
        "walks 3 -> 4, trap_exit.stalls.retiring, trap_exit.stalls.muldiv\n"
    ) in text


def test_what_only_one_file_has(command):
    more = [*RUNS[1:], run_of("P1", preset="cva6", harts=2, seed=7)]
    text = command(RUNS, more)
    assert "P0 on deep-calls, preset rocket, harts 1, seed 1: only in A" in text
    assert "P1 on deep-calls, preset cva6, harts 2, seed 7: only in B" in text
    assert text.endswith("moved: 0 of 2 runs; 2 are in one file only\n")
    assert "nothing to compare" in command(RUNS[:1], RUNS[1:])


def test_json_has_every_figure_that_moved(command, tmp_path):
    runs = changed(1, cycles_per_syscall=None)
    runs[1]["phases"]["map"]["stalls"].pop("dcache_miss")
    command(RUNS, runs[1:], "--json", str(tmp_path / "moved.json"))
    identity = {"harts": 1, "preset": "rocket", "workload": "deep-calls", "seed": 1}
    assert json.loads((tmp_path / "moved.json").read_text()) == {
        "moved": [
            {
                "variant": "P4",
                **identity,
                "figures": {
                    "cycles_per_syscall": {"before": 1300.0, "after": None},
                    "phases.map.stalls.dcache_miss": {"before": 200, "after": 0},
                },
            }
        ],
        "same": 1,
        "only_before": [{"variant": "P0", **identity}],
        "only_after": [],
    }


def test_a_figure_that_one_version_does_not_have_moved():
    without = [{key: value for key, value in RUNS[0].items() if key != "ipis"}]
    (moved,) = compare(without, RUNS[:1]).moved
    assert moved.figures == {"ipis": (None, 0)}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot read"),
        ("{", "is not JSON"),
        ("[" * 200_000, "is not JSON"),
        ("[]", 'has no list "runs"'),
        ('{"checks": []}', 'has no list "runs"'),
        ('{"runs": [7]}', "entry 0 of runs has no phases"),
        ('{"runs": [{"phases": {}}]}', "entry 0 of runs has no usable 'variant'"),
        (json.dumps({"runs": [RUNS[0] | {"seed": []}]}), "has no usable 'seed'"),
        (json.dumps({"runs": [RUNS[0] | {"seed": True}]}), "has no usable 'seed'"),
        (json.dumps({"runs": [RUNS[0] | {"harts": 1.5}]}), "has no usable 'harts'"),
        (json.dumps({"runs": [RUNS[0] | {"workload": "\ud800"}]}), "has no usable 'workload'"),
        (json.dumps({"runs": [RUNS[0] | {"cycles_per_syscall": float("nan")}]}), "no usable 'cycl"),
        (json.dumps({"runs": [RUNS[0] | {"cycles_per_syscall": 10**400}]}), "no usable 'cycl"),
        (json.dumps({"runs": [RUNS[0], RUNS[0]]}), "entry 1 of runs is there twice"),
    ],
)
def test_a_file_that_measure_did_not_write(content, sentence, tmp_path, capsys):
    file = tmp_path / "file.json"
    if content is not None:
        file.write_text(content)
    assert cli.main(["compare", str(file), str(file), "--json", str(tmp_path / "out.json")]) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert str(file) in error
    assert not (tmp_path / "out.json").exists()
