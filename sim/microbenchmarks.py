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
    """Return the ELF of the program that runs every microbenchmark."""
    first = DIRECTORY / "start.S"
    rest = sorted([*DIRECTORY.glob("*.S"), *DIRECTORY.glob("*.c")])
    headers = sorted([*DIRECTORY.glob("*.h"), *DIRECTORY.glob("*.inc")])
    sources = [first, *(path for path in rest if path != first)]
    return build_program(sources, progress, headers=headers)


def run(preset: Preset, dram_latency: int, progress: Progress = silent) -> dict[str, Measurement]:
    """Run them all on a machine; the key is the id of the row."""
    job = Job(
        image=image(progress),
        soc=preset.soc,
        straps=replace(preset.straps, dram_latency=dram_latency),
        max_cycles=MAX_CYCLES,
    )
    progress(f"running the microbenchmarks on {preset.name}, DRAM latency {dram_latency}")
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
