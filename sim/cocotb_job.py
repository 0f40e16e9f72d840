"""The cocotb test that executes one job of `sim.machine.run` from boot to verdict."""

from __future__ import annotations

import json
import os
from pathlib import Path

import cocotb

from .cocotb_runner import Runner
from .errors import UserError
from .job_directory import CONSOLE, DIRECTORY, ERROR_FILE, JOB_FILE, PROGRESS_FILE, STRAPS_FILE


@cocotb.test()
async def run_job(dut):
    """Run the job in `$DYNSTACK_JOB_DIRECTORY`, and leave its results there."""
    directory = Path(os.environ[DIRECTORY])
    runner = Runner(dut)
    try:
        await runner.boot_file(
            directory / JOB_FILE,
            json.loads((directory / STRAPS_FILE).read_text()),
            int(os.environ[CONSOLE]),
            str(directory / PROGRESS_FILE),
        )
        await runner.run()
        runner.finish(directory)
    except UserError as error:
        (directory / ERROR_FILE).write_text(str(error))
        raise
