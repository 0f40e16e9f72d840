"""Programs in lockstep that leave nothing out."""

from dataclasses import replace

import pytest

from cocotb_tests.lockstep.test_command import PROGRAMS
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
