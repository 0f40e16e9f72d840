"""The microbenchmarks of `sw/microbenchmarks`: build them, run them, read what they print."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from rtl.presets import Preset

from . import machine
from .cache import Progress, silent
from .errors import UserError
from .firmware import SOURCES, build_program
from .job import Job

DIRECTORY = SOURCES / "microbenchmarks"
HARTS = 2
"""Harts of the machine on which those about several are run."""
MAX_CYCLES = 20_000_000


@dataclass(frozen=True)
class Measurement:
    """Cycles of one timed sequence over all its rounds, as the two reads of `cycle` saw them."""

    operations: int
    """A row of a chain is given per operation."""
    minimum: int
    median: int
    maximum: int

    @property
    def cycles(self) -> float:
        """Median cycles of one operation."""
        return self.median / self.operations


def image(progress: Progress = silent) -> Path:
    """Return the ELF of the program that runs every microbenchmark of one hart."""
    first = DIRECTORY / "start.S"
    rest = sorted([*DIRECTORY.glob("*.S"), *DIRECTORY.glob("*.c")])
    return _build([first, *(path for path in rest if path != first)], progress)


def image_for_harts(progress: Progress = silent) -> Path:
    """Return the ELF of the program in which a second hart takes part."""
    sources = sorted([*(DIRECTORY / "harts").glob("*.S"), *(DIRECTORY / "harts").glob("*.c")])
    return _build([*sources, DIRECTORY / "harness.c"], progress)


def _build(sources: list[Path], progress: Progress) -> Path:
    headers = sorted([*DIRECTORY.glob("*.h"), *DIRECTORY.glob("*.inc")])
    return build_program(sources, progress, headers=headers)


def run(preset: Preset, dram_latency: int, progress: Progress = silent) -> dict[str, Measurement]:
    """Run those of one hart; the key is the id of the row."""
    return _run(image(progress), preset, dram_latency, progress)


def run_harts(
    preset: Preset, dram_latency: int, progress: Progress = silent
) -> dict[str, Measurement]:
    """Run those in which a second hart takes part."""
    machine_of_two = replace(preset, soc=replace(preset.soc, harts=HARTS))
    return _run(image_for_harts(progress), machine_of_two, dram_latency, progress)


def _run(
    program: Path, preset: Preset, dram_latency: int, progress: Progress
) -> dict[str, Measurement]:
    job = Job(
        image=program,
        soc=preset.soc,
        straps=replace(preset.straps, dram_latency=dram_latency),
        max_cycles=MAX_CYCLES,
    )
    where = f"preset {preset.name}, harts {preset.soc.harts}, DRAM latency {dram_latency}"
    progress(f"running the microbenchmarks on {where}")
    with tempfile.TemporaryDirectory(prefix="dynstack-") as directory:
        result = machine.run(job, Path(directory))
    if result.status != "pass":
        raise UserError(
            f"the microbenchmarks ended with {result.status} (code {result.code}, {result.reason})",
            exit_code=1,
        )
    return parse(result.console)


def parse(console: str) -> dict[str, Measurement]:
    """Read the lines `id operations minimum median maximum`."""
    found = {}
    for line in console.splitlines():
        name, *numbers = line.split()
        found[name] = Measurement(*map(int, numbers))
    return found
