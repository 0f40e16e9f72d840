"""Runs a job: one simulation of the whole machine, with cocotb attached."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from . import coverage, model, simulator
from .errors import UserError
from .job import (
    CAUSES,
    EVENTS,
    SAMPLE,
    Finding,
    HartTotals,
    Job,
    JobResult,
    Mismatch,
    TranslationCounts,
    WatchTotals,
)
from .job_directory import (
    CONSOLE,
    DIRECTORY,
    ERROR_FILE,
    JOB_FILE,
    PROGRESS_FILE,
    STRAPS_FILE,
)
from .job_file import rtl_straps, write_job_file

_STATUS = {
    "refused": "fail",
    "max_cycles": "timeout",
    "breakpoint": "stopped",
    "mismatch": "mismatch",
    "stopped": "stopped",
}
_PRIVILEGES = {"u": 0, "s": 1, "m": 3}
_POLL_SECONDS = 0.1


class SimulatorKilledError(UserError):
    """A signal ended the simulator: somebody killed it, memory ran out, or it is broken."""


def run(
    job: Job,
    directory: Path,
    progress: Callable[[int], None] | None = None,
    *,
    console: int | None = None,
) -> JobResult:
    """Simulate a job and return what it brought back; its files stay in `directory`.

    `progress` is called now and then with the number of cycles so far; `console` is a file
    descriptor that receives what the program prints while it runs. The model is built first where
    it is missing. Raises UserError for a job that cannot be run, and where the simulator crashes.
    """
    if coverage.counts(job.soc):
        _count(job)
    built = model.build(job.soc, waves=job.waves.file.suffix if job.waves else None)
    _simulate(built, job, directory, progress, console)
    return read_result(job, directory)


def _count(job: Job) -> None:
    """Simulate the beginning of a job once more, with coverage counted."""
    cycles = min(job.max_cycles, coverage.COUNTED_CYCLES)
    beginning = Job(job.image, job.soc, job.straps, cycles, job.blobs)
    with tempfile.TemporaryDirectory(prefix="dynstack-") as name:
        _simulate(model.build(job.soc, counted=True), beginning, Path(name), None, None)


def _simulate(
    built: Path,
    job: Job,
    directory: Path,
    progress: Callable[[int], None] | None,
    console: int | None,
) -> None:
    """Run a job on a model that is built, and leave its files in `directory`."""
    prepare(job, directory)
    process = simulator.start(
        built,
        "sim.cocotb_job",
        directory,
        environment={
            DIRECTORY: str(directory.resolve()),
            CONSOLE: str(-1 if console is None else console),
            # A job asserts nothing, and needs no pytest with all of its plugins for that.
            "COCOTB_REWRITE_ASSERTION_FILES": "",
        },
        pass_fds=() if console is None else (console,),
    )
    try:
        _wait(process, directory / PROGRESS_FILE, progress)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if (directory / ERROR_FILE).exists():
        raise UserError((directory / ERROR_FILE).read_text())
    if process.returncode or not (directory / "result.json").exists():
        error = SimulatorKilledError if process.returncode < 0 else UserError
        raise error(
            f"the simulator broke down (exit {process.returncode}) on {job.image}. Its log "
            f"ends with:\n{simulator.end_of_log(directory)}",
            exit_code=1,
        )


def prepare(job: Job, directory: Path) -> Path:
    """Write what the simulator reads, remove what an earlier run left; return the job file."""
    directory.mkdir(parents=True, exist_ok=True)
    for name in (ERROR_FILE, PROGRESS_FILE, "result.json"):
        (directory / name).unlink(missing_ok=True)
    write_job_file(job, directory / JOB_FILE)
    (directory / STRAPS_FILE).write_text(json.dumps(rtl_straps(job)))
    return directory / JOB_FILE


def _wait(
    process: subprocess.Popen[bytes], progress_file: Path, progress: Callable[[int], None] | None
) -> None:
    while True:
        try:
            process.wait(timeout=_POLL_SECONDS if progress else None)
        except subprocess.TimeoutExpired:
            text = progress_file.read_text() if progress_file.exists() else ""
            if progress and text.endswith("\n"):
                progress(int(text))
        else:
            return


def read_result(job: Job, directory: Path) -> JobResult:
    """Read what sim/native/results.cpp wrote for this job."""
    raw = json.loads((directory / "result.json").read_text())
    stop, code = raw["stop"], raw["code"]
    window = raw["window"]
    harts = tuple(_hart(hart, window) for hart in raw["harts"])
    mismatch = None
    if stop == "mismatch":
        # The last cycle of the run: the machine stops where both sides part.
        mismatch = Mismatch(harts[0].cycles - 1, raw["sentence"])
    return JobResult(
        status=_STATUS.get(stop) or ("fail" if code else "pass"),
        code=code,
        harts=harts,
        samples=np.fromfile(directory / "phases.bin", dtype=SAMPLE),
        counters={
            name: value for (name, _), value in zip(job.counters, raw["counters"], strict=True)
        },
        watches={
            watch.name: WatchTotals(**totals)
            for watch, totals in zip(job.watches, raw["watches"], strict=True)
        },
        window=tuple(window) if window else None,
        cycles_per_second=raw["cycles_per_second"],
        console=(directory / "console.txt").read_text(errors="replace"),
        reason=stop if mismatch else raw["sentence"] or stop,
        mismatch=mismatch,
        exceptions=raw["exceptions"],
        translations=_translations(raw["oracle"]),
        findings=tuple(Finding(**finding) for finding in raw["oracle"]["findings"]),
        census=raw["census"],
    )


def _hart(raw: dict, window: list[int] | None) -> HartTotals:
    return HartTotals(
        cycles=raw["cycles"],
        instructions=raw["instructions"],
        window_cycles=window[1] - window[0] + 1 if window else 0,
        stalls=_by_privilege(raw["stalls"], CAUSES),
        events=_by_privilege(raw["events"], EVENTS),
    )


def _translations(raw: dict) -> TranslationCounts:
    pairs = {name: tuple(raw[name]) for name in ("stale", "harmful", "spurious")}
    return TranslationCounts(raw["checked"], **pairs)


def _by_privilege(rows: list[list[int]], names: tuple[str, ...]) -> dict[str, dict[str, int]]:
    return {
        privilege: dict(zip(names, rows[code], strict=True))
        for privilege, code in _PRIVILEGES.items()
    }
