"""Result directories: complete or not there, and the same for the same configuration."""

import json
from concurrent.futures import ThreadPoolExecutor

import pyarrow.parquet as pq
import pytest

from cocotb_tests.sim.synthetic import job_result, samples
from sim import results
from sim.errors import UserError
from sim.job import CAUSES
from sim.results import directory_name, write_json, write_run

CONFIG = {"variant": "P4", "workload": "my work", "preset": "rocket", "seed": 1, "zero": False}


def result():
    return job_result(
        [samples(1, [10, 20], walks=3), samples(0, [7])],
        stalls={"s": {"retiring": 100}},
        watches={"stack": 400},
    )


def write(root, summary=None):
    return write_run(root, CONFIG, ["trap_entry", "map"], result(), summary or {"syscalls": 10})


def test_a_directory_holds_everything(tmp_path):
    directory = write(tmp_path)
    assert directory.name.startswith("P4-my_work-rocket-seed1-")
    assert json.loads((directory / "config.json").read_text()) == CONFIG
    assert json.loads((directory / "summary.json").read_text()) == {"syscalls": 10}
    phases = pq.read_table(directory / "phases.parquet").to_pydict()
    assert phases["phase"] == ["map", "map", "trap_entry"]
    assert phases["cycles"] == [10, 20, 7]
    assert phases["walks"] == [3, 3, 0]
    assert phases["stall_retiring"] == [9, 19, 6]
    assert sum(name.startswith("stall_") for name in phases) == len(CAUSES)
    counters = pq.read_table(directory / "counters.parquet").to_pylist()
    row = {"kind": "stall", "hart": 0, "privilege": "s", "name": "retiring", "value": 100}
    assert row in counters
    row = {"kind": "watch", "hart": None, "privilege": None, "name": "stack.integral"}
    assert {**row, "value": 400} in counters


def test_running_again_replaces_the_result(tmp_path):
    assert write(tmp_path) == write(tmp_path, {"syscalls": 11})
    (directory,) = (path for path in tmp_path.iterdir() if path.is_dir())
    assert json.loads((directory / "summary.json").read_text()) == {"syscalls": 11}


def test_two_that_write_the_same_result_at_once_take_turns(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        written = list(pool.map(lambda _: write(tmp_path), range(80)))
    assert len(set(written)) == 1
    assert [path for path in tmp_path.iterdir() if path.is_dir()] == written[:1]


def test_a_long_name_of_a_workload_fits_into_one_of_a_directory(tmp_path):
    config = {**CONFIG, "workload": "w" * 250}
    assert write_run(tmp_path, config, ["trap_entry", "map"], result(), {}).is_dir()


def test_bytes_are_the_same_every_time(tmp_path):
    one, two = write(tmp_path / "a"), write(tmp_path / "b")
    for file in one.iterdir():
        assert file.read_bytes() == (two / file.name).read_bytes(), file.name


def test_another_configuration_has_another_directory():
    assert directory_name(CONFIG) != directory_name({**CONFIG, "straps": {"dram_latency": 2}})


def test_a_failure_leaves_the_former_result_and_nothing_else(tmp_path, monkeypatch):
    directory = write(tmp_path)

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(results, "counters_table", fail)
    with pytest.raises(OSError, match="disk full"):
        write(tmp_path, {"syscalls": 11})
    assert [path for path in tmp_path.iterdir() if path.is_dir()] == [directory]
    assert json.loads((directory / "summary.json").read_text()) == {"syscalls": 10}


def test_json_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot write"):
        write_json(tmp_path / "file" / "out.json", {})
