"""Dumps windows of a run, and writes the save files that go with them.

Runs are deterministic. A fast run without tracing says where everything happens; then each window
is dumped by a run of the tracing model that stops when the window is complete.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from .. import elf, machine
from ..display import Display
from ..job import Job, JobResult, WaveWindow
from ..measure import Run, check_status, job
from ..probes import kernel_probes, phases
from ..workload.format import encode
from . import layout
from .gtkwave import save_file
from .labels import write_labels
from .windows import Interval, Passages, Place, trap_probes

PATHS = ("map", "invalidate", "stack_fault", "unmap")
"""What a stack policy is about: the phases that have a window each unless one place is named."""


@dataclass(frozen=True)
class Window:
    """One window on disk: what it is about, the cycles that it shows, and its files."""

    interval: Interval
    first: int
    last: int
    dump: Path
    save_file: Path


def write_windows(
    run: Run, place: Place | None, *, margin: int, root: Path, suffix: str, display: Display
) -> list[Window]:
    """Write the window of a place, or one for each of `PATHS` that the run performs.

    Parameters
    ----------
    margin : cycles before and after what a window is about.
    root : files go to its subdirectory with the name of the policy.
    suffix : of the dumps, .fst or .vcd.
    """
    symbols = elf.symbols(run.image)
    directory = root / run.variant
    with tempfile.TemporaryDirectory(prefix="dynstack-") as name:
        scratch = Path(name)
        blob = scratch / "workload.bin"
        blob.write_bytes(encode(run.workload))
        whole = job(run, kernel_probes(symbols, run.image.name), blob)
        whole = replace(whole, phases=(*whole.phases, *trap_probes(symbols)))
        result = _simulate(whole, scratch / "whole", f"{run.label}: search", display)
        check_status(run.label, result)
        names = tuple(probe.name for probe in whole.phases)
        cycles = result.harts[0].cycles
        passages = Passages(run.variant, names, result.samples, cycles)
        if place:
            wanted = {place.name: passages.at(place)}
        else:
            performed = passages.performed()
            wanted = {path: passages.typical(path) for path in PATHS if path in performed}

        write_labels(directory / "labels", run.image, symbols)
        windows = []
        for file_name, interval in wanted.items():
            first = max(interval.begin + 1 - margin, 0)
            last = min(interval.end + margin, cycles - 1)
            dump = scratch / f"{file_name}{suffix}"
            part = replace(whole, max_cycles=last + 1, waves=WaveWindow(dump, first, last))
            label = f"{run.label}: window {file_name}"
            _simulate(part, scratch / file_name, label, display)
            window = Window(
                interval, first, last, directory / dump.name, directory / f"{file_name}.gtkw"
            )
            shutil.move(dump, window.dump)
            save_file(
                window.save_file,
                window.dump,
                layout.groups(interval.hart),
                layout.view(interval, passages.within(first, last, interval.hart)),
                directory / "labels",
            )
            windows.append(window)
    return windows


def number_of_runs(image: Path, place: Place | None) -> int:
    """How many simulations `write_windows` takes, if every phase that the image has occurs."""
    names = (probe.name for probe in phases(elf.symbols(image)))
    return 1 + (1 if place else sum(name in PATHS for name in names))


def _simulate(job: Job, directory: Path, label: str, display: Display) -> JobResult:
    display.started(label)
    result = machine.run(job, directory, lambda cycles: display.advanced(label, cycles))
    display.finished(label, f"{result.harts[0].cycles:,} cycles")
    return result
