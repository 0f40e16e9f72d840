"""Programs in lockstep that leave nothing out."""

from dataclasses import replace

import pytest

from cocotb_tests.lockstep.test_command import PROGRAMS
from cocotb_tests.programs import compressed, instructions, suite
from cocotb_tests.programs.test_programs import GROUPS, SETTINGS, sources
from rtl.presets import preset
from sim import firmware, machine
from sim.job import Job


@pytest.mark.parametrize("honour_asid", [0, 1])
@pytest.mark.parametrize("svadu", [0, 1])
def test_every_csr_in_every_mode(svadu, honour_asid, tmp_path):
    chosen = preset("rocket")
    job = Job(
        image=firmware.build_program([PROGRAMS / "csr_sweep.S"]),
        soc=chosen.soc,
        straps=replace(chosen.straps, svadu=svadu, honour_asid=honour_asid),
        max_cycles=4_000_000,
        lockstep=True,
    )
    result = machine.run(job, tmp_path)
    assert result.status == "pass", result.mismatch and result.mismatch.report


UNFENCED = ("fences.c",)
"""Tests that look whether the TLB still has what memory has not: Spike has a TLB of its own."""


@pytest.mark.parametrize("setting", ["one-entry TLBs", "svadu", "stalls"])
def test_the_directed_programs(setting, tmp_path):
    generated = tmp_path / "instructions.S", tmp_path / "compressed.S"
    generated[0].write_text(instructions.assembly(instructions.instruction_tests(1)))
    generated[1].write_text(compressed.assembly(compressed.compressed_tests(1)))
    written = [path for path in sources(*GROUPS) if path.name not in UNFENCED]
    job = Job(
        image=suite.build_image(*written, *generated),
        soc=preset("rocket").soc,
        straps=SETTINGS[setting],
        max_cycles=suite.MAX_CYCLES,
        lockstep=True,
    )
    result = machine.run(job, tmp_path)
    assert result.status == "pass", result.mismatch and result.mismatch.report
    suite.Verdicts(result.console).check(at_least=160)
