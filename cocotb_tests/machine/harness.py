"""How a whole-machine test runs: a cocotb module on the model of a preset, and its verdict."""

from __future__ import annotations

import os
from pathlib import Path

from cocotb_tools.check_results import get_results

from rtl.presets import preset
from sim import model, simulator
from sim.job import Job

TIMEOUT_SECONDS = 300
MAX_CYCLES = 20_000_000

_IMAGE, _WORKLOAD, _PRESET = "BENCH_IMAGE", "BENCH_WORKLOAD", "BENCH_PRESET"
WORKLOAD_ADDRESS = 0x8600_0000


def run_on_machine(
    module: str,
    directory: Path,
    image: Path,
    *,
    workload: bytes | None = None,
    preset_name: str = "rocket",
) -> str:
    """Run every cocotb test of `module`, which boots `bench_job()`; return what it logged.

    Raises AssertionError with the end of the log where a test fails or the simulator crashes.
    """
    environment = {_IMAGE: str(image), _PRESET: preset_name}
    if workload is not None:
        file = directory / "workload.bin"
        file.write_bytes(workload)
        environment[_WORKLOAD] = str(file)
    built = model.build(preset(preset_name).soc)
    process = simulator.start(built, module, directory, environment=environment)
    try:
        process.wait(timeout=TIMEOUT_SECONDS)
    finally:
        process.kill()
        process.wait()
    tests, failures = get_results(directory / "results.xml")
    assert tests, f"{module} ran no test"
    assert not failures, simulator.end_of_log(directory, lines=60)
    return (directory / "simulation.log").read_text()


def bench_job() -> Job:
    """The job that `run_on_machine` was asked for; called inside the simulator."""
    chosen = preset(os.environ[_PRESET])
    workload = os.environ.get(_WORKLOAD)
    return Job(
        image=Path(os.environ[_IMAGE]),
        soc=chosen.soc,
        straps=chosen.straps,
        max_cycles=MAX_CYCLES,
        blobs=((WORKLOAD_ADDRESS, Path(workload)),) if workload else (),
    )
