"""One point of a sweep: a pure function from its configuration to a row of figures.

A point travels to whoever computes it. It says what to run and nothing about files, so a worker on
another host makes the builds that it does not have; its key proves that it made the same ones.
"""

from __future__ import annotations

import contextlib
import functools
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rtl.presets import Preset
from sim import firmware, model, run_sources
from sim.cache import Progress, digest, silent
from sim.errors import UserError
from sim.job import JobResult
from sim.machine import SimulatorKilledError
from sim.measure import Run, simulate
from sim.probes import Probes
from sim.summary import summarise
from sim.workload.builtin import load
from sim.workload.format import decode, encode
from sim.workload.threads import RemoteFence, Workload

from .spec import Configuration, Spec, workload_file
from .table import Row, row

ATTEMPTS = 4
"""Of a point whose simulator is killed: as often as Dask tries one whose worker is."""


@dataclass(frozen=True)
class Point:
    """What to run, and the key of its result: a digest of all that decides the figures."""

    label: str
    variant: str
    machine: Preset
    workload_name: str
    workload: bytes
    """As the kernel reads it, compressed."""
    key: str = ""

    def run(self, progress: Progress = silent) -> Run:
        """The run that `dynstack measure` would make of it, kernel and model built."""
        _build_model(self.machine.soc, progress)
        workload = decode(zlib.decompress(self.workload), self.workload_name)
        image = _build_kernel(self.variant, progress, waits=workload.waits)
        return Run(self.variant, self.workload_name, workload, image, self.machine)


# A process builds and digests once: a sweep has thousands of points and few machines.
_build_model = functools.cache(model.build)
_build_kernel = functools.cache(firmware.build_kernel)
_model_key = functools.cache(model.content_key)


def points(spec: Spec, progress: Progress) -> list[Point]:
    """All points of a sweep with their keys, everything that they need being built."""
    return with_keys(described(spec), progress)


def with_keys(found: Sequence[Point], progress: Progress) -> list[Point]:
    """Build what the points need, which gives them their keys; each point once."""
    unique: dict[str, Point] = {}
    for point in found:
        run = point.run(progress)
        key = key_of(run, encode(run.workload))
        # A workload from a file is the same for every seed.
        unique.setdefault(key, replace(point, key=key))
    return list(unique.values())


def described(spec: Spec) -> list[Point]:
    """All points of a sweep, nothing being built yet; UserError for a workload that is none."""
    names = {name: Path(str(name)).stem for name in spec.axes["workloads"]}
    for name, stem in names.items():
        if list(names.values()).count(stem) > 1:
            raise UserError(f"{spec.file}: two workloads are named '{stem}': rename '{name}'")
    encoded: dict[tuple[str, int, int], tuple[Workload, bytes]] = {}
    found = []
    for configuration in spec.configurations():
        harts = configuration.machine.soc.harts
        identity = (configuration.workload, configuration.seed, harts)
        if identity not in encoded:
            try:
                encoded[identity] = _workload(configuration, spec.file)
            except UserError as error:
                raise UserError(
                    f"{spec.file}: workload {configuration.workload}, harts {harts}: {error}; or "
                    "put it into exclude"
                ) from None
        workload, blob = encoded[identity]
        found.append(
            Point(
                _label(configuration, workload.seed),
                configuration.variant,
                configuration.machine,
                str(names[configuration.workload]),
                blob,
            )
        )
    return found


def _workload(configuration: Configuration, spec: Path) -> tuple[Workload, bytes]:
    harts = configuration.machine.soc.harts
    workload = replace(
        load(workload_file(configuration.workload, spec), configuration.seed, harts),
        zero_pages=False,
        harts=harts,
        remote_fence=RemoteFence.SBI,
    )
    return workload, zlib.compress(encode(workload))


def _label(configuration: Configuration, seed: int) -> str:
    machine = configuration.machine
    words = [f"{configuration.variant} on {configuration.workload}", f"preset {machine.name}"]
    words += [f"harts {machine.soc.harts}", f"seed {seed}"]
    return ", ".join([*words, *(f"{name} {value}" for name, value in configuration.straps.items())])


def key_of(run: Run, blob: bytes) -> str:
    """Digest of all that decides the figures of a run: no path, no time, no host."""
    return digest(
        {
            "config": run.config(blob),
            "model": _model_key(run.preset.soc),
            "sources": run_sources.key("sweep/table.py", "comparison.py"),
        }
    )


def compute(point: Point, progress: Callable[[int], None] | None = None) -> Row:
    """Run a point, here or on a worker; UserError where it fails or other sources are here."""
    run = point.run()
    blob = encode(run.workload)
    if key_of(run, blob) != point.key:
        raise UserError(
            "the worker would compute something else: bring its installation to the state of the "
            "project that the sweep was started from, and run `make setup` there"
        )
    probes, result = _simulate(run, blob, progress)
    return row(point.key, run.config(blob), summarise(run.identity, probes, result))


def _simulate(
    run: Run, blob: bytes, progress: Callable[[int], None] | None
) -> tuple[Probes, JobResult]:
    for _ in range(ATTEMPTS - 1):
        with contextlib.suppress(SimulatorKilledError):
            return simulate(run, blob, progress)
    return simulate(run, blob, progress)
