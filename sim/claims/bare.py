"""Programs of claims that need no kernel: built on the scaffold of the microbenchmarks."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from rtl.presets import Preset
from sim import machine, microbenchmarks, native_build
from sim.errors import UserError
from sim.firmware import build_program
from sim.job import Job

from .lab import Lab

_PROGRAMS = Path(__file__).parent / "programs"
_SCAFFOLD = ("start.S", "address_space.c", "harness.c")
_MAX_CYCLES = 30_000_000


def run(
    lab: Lab, names: Sequence[str], chosen: Preset, extensions: Sequence[str] = ()
) -> dict[str, list[int]]:
    """Run a program and return what it prints: for each id minimum, median and maximum."""
    image = _image(names, extensions)
    key = {
        "model": lab.model(chosen.soc).name,
        "native": native_build.key(),
        "image": image.parent.name,
        "straps": chosen.straps.as_dict(),
    }
    code = ["microbenchmarks.py", "claims/bare.py"]
    return lab.remember(Path(names[0]).stem, key, lambda: _run(image, chosen), code)


def _image(names: Sequence[str], extensions: Sequence[str]) -> Path:
    directory = microbenchmarks.DIRECTORY
    return build_program(
        [*(directory / name for name in _SCAFFOLD), *(_PROGRAMS / name for name in names)],
        headers=sorted(directory.glob("*.h")),
        extensions=extensions,
    )


def _run(image: Path, chosen: Preset) -> dict[str, list[int]]:
    job = Job(image=image, soc=chosen.soc, straps=chosen.straps, max_cycles=_MAX_CYCLES)
    with tempfile.TemporaryDirectory(prefix="dynstack-") as directory:
        result = machine.run(job, Path(directory))
    if result.status != "pass":
        raise UserError(
            f"{image.name} ended with {result.status} (code {result.code}, {result.reason})",
            exit_code=1,
        )
    return {
        name: [found.minimum, found.median, found.maximum]
        for name, found in microbenchmarks.parse(result.console).items()
    }
