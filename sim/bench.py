"""`dynstack bench`: how fast the machine is simulated, with cocotb and without.

The same Verilated objects, with the same C++ around them, run the same image in both: attached to
cocotb as in every other command, and in a bare loop. Repeats alternate, so that whatever else the
host does meets both.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from dataclasses import replace
from pathlib import Path

from rtl.presets import PRESETS, preset

from . import elf, firmware, machine, model, toolchain
from .display import Display
from .errors import UserError
from .job import Job, JobResult
from .measure import Run, job
from .probes import kernel_probes
from .results import require_writable, write_json
from .workload.builtin import BUILTIN, DEFAULT_SEED, load
from .workload.format import encode

_POLICY = "P4"
_CYCLES = 1_500_000
_REPEATS = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--preset", default="rocket", help=f"one of {', '.join(PRESETS)}")
    parser.add_argument(
        "--repeats", type=int, default=_REPEATS, help="runs of each kind (default: %(default)s)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file")


def main(args: argparse.Namespace) -> int:
    if args.repeats < 1:
        raise UserError(f"--repeats is {args.repeats}: use at least 1")
    if args.json:
        require_writable(args.json)
    with tempfile.TemporaryDirectory(prefix="dynstack-") as name, Display(args.repeats) as display:
        work = _job(args.preset, Path(name), display)
        bare_model = model.build_bare(work.soc, display.step)
        attached, bare = [], []
        for repeat in range(args.repeats):
            display.step(f"repeat {repeat + 1} of {args.repeats}")
            attached.append(machine.run(work, Path(name) / "attached").cycles_per_second)
            bare.append(run_bare(bare_model, work, Path(name) / "bare").cycles_per_second)
    figures = {
        "cocotb_cycles_per_second": round(statistics.median(attached)),
        "bare_cycles_per_second": round(statistics.median(bare)),
    }
    for label, kind in (("with cocotb attached", "cocotb"), ("in a bare C++ loop", "bare")):
        print(f"{figures[f'{kind}_cycles_per_second']:>12,} cycles per second {label}")
    ratio = figures["cocotb_cycles_per_second"] / figures["bare_cycles_per_second"]
    print(f"{ratio:>12.2f} of the bare loop")
    if args.json:
        write_json(args.json, figures)
    return 0


def _job(preset_name: str, directory: Path, display: Display) -> Job:
    """The first cycles of a measurement, with everything that it watches."""
    workload_name = next(iter(BUILTIN))
    image = firmware.build_kernel(_POLICY, display.step)
    workload = load(workload_name, DEFAULT_SEED)
    blob = directory / "workload.bin"
    blob.write_bytes(encode(workload))
    run = Run(_POLICY, workload_name, workload, image, preset(preset_name))
    whole = job(run, kernel_probes(elf.symbols(image), image.name), blob)
    return replace(whole, max_cycles=min(_CYCLES, whole.max_cycles))


def run_bare(executable: Path, work: Job, directory: Path) -> JobResult:
    """Run a job in the bare loop (`model.build_bare`): the same results, no cocotb."""
    job_file = machine.prepare(work, directory)
    command = [str(executable), str(job_file), str(directory)]
    toolchain.run(command, cwd=directory, what="the bare loop")
    return machine.read_result(work, directory)
