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
from ..results import new_path
from ..workload.format import encode
from . import layout
from .gtkwave import save_file
from .labels import write_labels
from .windows import Interval, Kind, Passages, Place, trap_probes

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


class Search:
    """A fast run, which says where everything happens, and dumps of its parts.

    Parameters
    ----------
    scratch : directory for what simulations leave.
    place : that is looked for. A run that a stale access ruined is good enough to find that one.
    """

    def __init__(self, run: Run, scratch: Path, display: Display, place: Place | None = None):
        self.run = run
        self.symbols = elf.symbols(run.image)
        self._scratch = scratch
        self._display = display
        blob = scratch / "workload.bin"
        blob.write_bytes(encode(run.workload))
        whole = job(run, kernel_probes(self.symbols, run.image.name), blob)
        self._job = replace(whole, phases=(*whole.phases, *trap_probes(self.symbols)))
        result = self._simulate(self._job, scratch / "whole", f"{run.label}: search")
        if not (place and place.kind is Kind.STALE and result.findings):
            check_status(run.label, result)
        names = tuple(probe.name for probe in self._job.phases)
        self._cycles = result.harts[0].cycles
        self.passages = Passages(run.variant, names, result)

    def dump(self, name: str, interval: Interval, margin: int, suffix: str) -> WaveWindow:
        """Run again up to the end of an interval, and dump it with `margin` cycles around it.

        `name` is for the file, which lies in the scratch directory, and for the display.
        """
        first = max(interval.begin + 1 - margin, 0)
        last = min(interval.end + margin, self._cycles - 1)
        window = WaveWindow(self._scratch / f"{name}{suffix}", first, last)
        part = replace(self._job, max_cycles=last + 1, waves=window)
        self._simulate(part, self._scratch / name, f"{self.run.label}: window {name}")
        return window

    def _simulate(self, job: Job, directory: Path, label: str) -> JobResult:
        self._display.started(label)
        result = machine.run(job, directory, lambda cycles: self._display.advanced(label, cycles))
        self._display.finished(label, f"{result.harts[0].cycles:,} cycles")
        return result


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
    directory = root / run.variant
    harts = run.preset.soc.harts
    with tempfile.TemporaryDirectory(prefix="dynstack-") as scratch:
        search = Search(run, Path(scratch), display, place)
        passages = search.passages
        if place:
            wanted = {place.name: passages.at(place)}
        else:
            performed = passages.performed()
            wanted = {path: passages.typical(path) for path in PATHS if path in performed}

        write_labels(directory / "labels", run.image, search.symbols)
        windows = []
        for file_name, interval in wanted.items():
            part = search.dump(file_name, interval, margin, suffix)
            dump = directory / part.file.name
            with new_path(dump) as new:
                shutil.move(part.file, new)
            window = Window(interval, part.first, part.last, dump, directory / f"{file_name}.gtkw")
            save_file(
                window.save_file,
                window.dump,
                layout.groups(interval.hart, harts),
                layout.view(interval, passages.within(part.first, part.last, interval.hart)),
                directory / "labels",
            )
            windows.append(window)
    return windows


def number_of_runs(image: Path, place: Place | None) -> int:
    """How many simulations `write_windows` takes, if every phase that the image has occurs."""
    names = (probe.name for probe in phases(elf.symbols(image)))
    return 1 + (1 if place else sum(name in PATHS for name in names))
