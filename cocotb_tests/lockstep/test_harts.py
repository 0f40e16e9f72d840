"""Several harts in lockstep, each with a Spike of its own, and the order of their memory."""

from dataclasses import replace

import pytest

from cocotb_tests.lockstep.test_command import PROGRAMS
from cocotb_tests.native.test_run import run
from cocotb_tests.programs import suite
from cocotb_tests.programs.test_programs import sources
from rtl.config import L2CacheConfig
from rtl.presets import preset
from sim import firmware, machine
from sim.job import Job

L2 = L2CacheConfig(sets=256, ways=8)
"""128 KiB: it holds what no D$ does. `native/test_straps.py` has the same machine."""

SETTINGS = {
    "with store buffers": ("tiny", 2, None, {}),
    "4 harts, stalls": ("tiny", 4, None, {"stall_seed": 7, "svadu": 1}),
    "without store buffers": ("rocket", 2, None, {"stall_seed": 3}),
    "with an L2 cache": ("tiny", 2, L2, {"stall_seed": 5}),
}


def machine_of(setting):
    name, harts, l2, straps = SETTINGS[setting]
    chosen = preset(name)
    return replace(chosen.soc, harts=harts, l2=l2), replace(chosen.straps, **straps)


@pytest.mark.parametrize("setting", SETTINGS)
def test_counters_that_all_harts_count(tmp_path, setting):
    image = firmware.build_program([PROGRAMS / "harts_share.S"])
    soc, straps = machine_of(setting)
    result = machine.run(Job(image, soc, straps, max_cycles=5_000_000, lockstep=True), tmp_path)
    assert (result.status, result.code) == ("pass", 0), result.mismatch and result.mismatch.report
    assert result.exceptions["foreign_values"] > 0
    assert min(hart.instructions for hart in result.harts) > 3000


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_directed_programs_for_several_harts(tmp_path, setting):
    """Locks, messages, code and page tables of another hart, interrupts between harts."""
    soc, straps = machine_of(setting)
    image = suite.build_for_harts(*sources("harts"))
    done = suite.run_on_machine(image, tmp_path, soc=soc, straps=straps, lockstep=True)
    names = suite.names(sources("harts"))
    done.check(skipped=() if straps.svadu else names & suite.NEEDS_SVADU)
    assert set(done.results) == names


def test_from_the_command_line(capfd, tmp_path):
    image = firmware.build_program([PROGRAMS / "harts_share.S"])
    options = ("--lockstep", "--harts", "2", "--preset", "tiny")
    status, outcome, _, err = run(capfd, tmp_path, image, *options)
    assert status == 0
    assert outcome is not None
    assert len(outcome["harts"]) == 2
    assert "equal to Spike" in err
