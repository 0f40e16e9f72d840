"""The measure command around a machine that is not there."""

import argparse
import json

import pytest

from cocotb_tests.sim.synthetic import SYMBOLS, job_result, samples
from sim import measure
from sim.errors import UserError

CYCLES = 2_000
WATCHES = {"stack": 20 * CYCLES, "threads": 8 * CYCLES, "cache": 0, "reserve": 0}


class FakeMachine:
    """Stands in for `sim.machine`: keeps the jobs, and brings back what it was told to."""

    def __init__(self, **changes):
        self.jobs = []
        self.changes = changes

    def run(self, job, directory, progress):
        assert (directory / "workload.bin").read_bytes()[:8] == b"DSTKWL01"
        self.jobs.append(job)
        progress(1_000)
        result = job_result(
            [samples(0, [10, 20])], stalls={"s": {"retiring": CYCLES}}, watches=WATCHES
        )
        for name, value in self.changes.items():
            object.__setattr__(result, name, value)
        return result


@pytest.fixture
def fake(monkeypatch, tmp_path):
    def install(**changes):
        machine = FakeMachine(**changes)
        image = tmp_path / "kernel.elf"
        image.write_bytes(b"\x7fELF")
        monkeypatch.setattr(measure, "machine", machine)
        monkeypatch.setattr(measure.firmware, "policies", lambda: ["P0", "P4", "P4-local"])
        monkeypatch.setattr(measure, "MAIN_POLICIES", ("P0", "P4"))
        monkeypatch.setattr(measure, "MAIN_OF_SEVERAL", ("P4-local",))
        monkeypatch.setattr(measure.firmware, "build_kernel", lambda *_, **__: image)
        monkeypatch.setattr(measure.model, "build", lambda *_: tmp_path)
        monkeypatch.setattr(measure.elf, "symbols", lambda _: SYMBOLS)
        monkeypatch.setenv("DYNSTACK_RESULTS_DIR", str(tmp_path / "results"))
        return machine

    return install


def command(*arguments):
    parser = argparse.ArgumentParser()
    measure.add_arguments(parser)
    return measure.main(parser.parse_args(arguments))


def test_all_policies_on_all_workloads(fake, tmp_path, capsys):
    machine = fake()
    out = tmp_path / "out.json"
    assert command("--policy", "all", "--json", str(out)) == 0
    runs = json.loads(out.read_text())["runs"]
    assert [(run["workload"], run["variant"]) for run in runs] == [
        (workload, policy)
        for workload in ("sqlite-insert-select", "find-grep", "deep-calls")
        for policy in ("P0", "P4", "P4-local")
    ]
    assert runs[2]["policy"] == "P4"
    assert len(machine.jobs) == 9
    directories = [path for path in (tmp_path / "results").iterdir() if path.is_dir()]
    assert len(directories) == 9
    config = json.loads((directories[0] / "config.json").read_text())
    assert {"soc", "straps", "versions", "image_sha256", "workload_sha256"} <= set(config)
    assert str(tmp_path) not in json.dumps(config)
    assert "deep-calls" in capsys.readouterr().out


def test_a_job_watches_everything_in_the_window(fake):
    machine = fake()
    command("--policy", "P4", "--workload", "find-grep")
    (job,) = machine.jobs
    assert job.window == (0x4100, 0x4200)
    assert [phase.name for phase in job.phases][:2] == ["trap_entry", "map"]
    assert job.blobs[0][0] == 0x8600_0000
    assert job.max_cycles > 50_000_000


def test_zero_and_seed_reach_the_workload(fake, tmp_path):
    fake()
    out = tmp_path / "out.json"
    command("--workload", "find-grep", "--zero", "--seed", "7", "--json", str(out))
    run = json.loads(out.read_text())["runs"][0]
    assert (run["seed"], run["zero"]) == (7, True)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--policy", "P0,P99"], "no policy 'P99': use all, or some of P0, P4, P4-local"),
        (["--preset", "nope"], "no preset 'nope'"),
        (["--harts", "9"], "harts is 9"),
        (["--workload", "nope"], "no workload 'nope'"),
        (["--seed", "-1"], "--seed is -1"),
    ],
)
def test_unusable_input_is_refused_before_anything_is_built(fake, arguments, sentence):
    machine = fake()
    measure.firmware.build_kernel = None
    with pytest.raises((UserError, ValueError), match=sentence):
        command(*arguments)
    assert machine.jobs == []


def test_two_files_of_one_name_are_refused(fake, tmp_path):
    fake()
    blob = measure.encode(measure.load("find-grep"))
    files = [tmp_path / "a" / "mine.bin", tmp_path / "b" / "mine.bin"]
    for file in files:
        file.parent.mkdir()
        file.write_bytes(blob)
    with pytest.raises(UserError, match="two workloads are named 'mine'"):
        command("--workload", *map(str, files))


@pytest.mark.parametrize(
    ("changes", "exit_code", "sentence"),
    [
        ({"status": "fail", "code": 5, "console": "panic: stack word"}, 1, "panic: stack word"),
        ({"status": "timeout", "reason": "max_cycles"}, 3, "timeout, code 0, max_cycles"),
        ({"window": None}, 1, "did not complete: pass"),
    ],
)
def test_a_run_that_fails_fails_the_command(fake, tmp_path, changes, exit_code, sentence):
    fake(**changes)
    with pytest.raises(UserError, match=sentence) as failure:
        command("--policy", "P4", "--workload", "find-grep")
    assert failure.value.exit_code == exit_code
    assert not list((tmp_path / "results").iterdir())
