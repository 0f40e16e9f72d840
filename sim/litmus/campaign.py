"""Runs litmus tests on machines, and judges what was seen."""

from __future__ import annotations

import functools
import struct
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from sim import firmware, machine, model, simulator
from sim.cache import Progress, cached_build, silent
from sim.display import Display
from sim.job import Job, PhaseProbe

from . import machines, rvwmo
from .assembly import program
from .catalogue import select
from .configurations import BATCH, Work, harts_for
from .definition import Litmus, Outcome
from .histogram import RECORD, Histogram, decode

RUNTIME = firmware.SOURCES / "litmus" / "runtime.S"
_REQUEST = 0x8600_0000
_PERIOD = 112
"""Cycles from one iteration to the next, when none is late."""
_CYCLES_PER_ITERATION = 2_000
"""Many times what one takes: a run that reaches it does not end by itself."""


@functools.cache
def allowed(test: Litmus) -> frozenset[Outcome]:
    """By RVWMO."""
    return rvwmo.allowed(test)


@functools.cache
def possible(test: Litmus, buffered: bool) -> frozenset[Outcome]:
    """On our machine."""
    return machines.possible(test, buffered=buffered)


@functools.cache
def tests_of_image(harts: int) -> tuple[Litmus, ...]:
    """The tests of the image for so many harts, in its order."""
    return tuple(test for test in select() if harts_for(test) == harts)


def image(harts: int, progress: Progress = silent) -> Path:
    """The program with all tests for so many harts."""
    text = program(tests_of_image(harts), harts)

    def build(directory: Path) -> None:
        (directory / f"litmus{harts}.S").write_text(text)

    source = cached_build("litmus-source", {"text": text}, build) / f"litmus{harts}.S"
    return firmware.build_program([source], progress, headers=[RUNTIME])


def build(works: Sequence[Work], progress: Progress = silent) -> None:
    """Build what the jobs need, where it is missing."""
    for harts in sorted({work.harts for work in works}):
        image(harts, progress)
    for used, harts in dict.fromkeys((work.machine, work.harts) for work in works):
        model.build(used.with_harts(harts), progress)


def job_of(work: Work, directory: Path, phases: tuple[PhaseProbe, ...] = ()) -> Job:
    """The simulation of a piece of work; what it asks of the program is written to `directory`."""
    known = tests_of_image(work.harts)
    runs = [
        struct.pack("<3Q", known.index(test), batches, seed)
        for test, batches, seed in zip(work.tests, work.batches, work.seeds, strict=True)
    ]
    request = directory / "request.bin"
    request.write_bytes(struct.pack("<Q", _PERIOD) + b"".join(runs) + bytes(24))
    iterations = sum(work.batches) * BATCH
    return Job(
        image=image(work.harts),
        soc=work.machine.with_harts(work.harts),
        straps=work.straps,
        max_cycles=1_000_000 + iterations * _CYCLES_PER_ITERATION,
        blobs=((_REQUEST, request),),
        phases=phases,
    )


@dataclass(frozen=True)
class Finding:
    """An outcome that must not be: `outcome` is None where a value came from nowhere, or where the
    program did not end (`hung`)."""

    work: Work
    test: Litmus
    iteration: int
    outcome: Outcome | None
    sentence: str
    hung: bool = False


@dataclass
class Seen:
    """All that was seen of a test: counts by outcome, on machines with and without a buffer."""

    counts: dict[bool, Counter[Outcome]] = field(
        default_factory=lambda: {True: Counter(), False: Counter()}
    )

    @property
    def iterations(self) -> int:
        return self.outcomes.total()

    @property
    def outcomes(self) -> Counter[Outcome]:
        return self.counts[True] + self.counts[False]


@dataclass
class Summary:
    """A campaign so far."""

    seen: dict[Litmus, Seen] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    cycles: int = 0


def judge(work: Work, test: Litmus, histogram: Histogram) -> Iterator[Finding]:
    """What of this must not be: by RVWMO, or on a machine that promises more."""
    if histogram.stray is not None:
        yield Finding(
            work, test, histogram.stray, None, "a value was read that no store of the test writes"
        )
        return
    for outcome, iteration in histogram.first.items():
        if outcome not in allowed(test):
            sentence = "RVWMO forbids it"
        elif outcome not in possible(test, work.machine.buffered):
            order = "TSO" if work.machine.buffered else "sequential consistency"
            sentence = f"RVWMO allows it, but the machine promises {order}"
        else:
            continue
        yield Finding(work, test, iteration, outcome, sentence)


def run_work(work: Work) -> tuple[dict[Litmus, Histogram], int, Finding | None]:
    """Simulate; return histograms by test and cycles, or a finding where there is no end."""
    with tempfile.TemporaryDirectory(prefix="dynstack-litmus-") as scratch:
        directory = Path(scratch)
        result = machine.run(job_of(work, directory), directory)
        raw = (directory / "console.txt").read_bytes()
    histograms: dict[Litmus, Histogram] = {}
    for test, batches in zip(work.tests, work.batches, strict=True):
        size = work.harts * batches * RECORD.itemsize
        if len(raw) < size:
            break
        histograms[test] = decode(test, work.harts, batches, raw[:size])
        raw = raw[size:]
    hung = None
    if result.status != "pass":
        stuck = work.tests[min(len(histograms), len(work.tests) - 1)]
        sentence = f"the program did not end: {result.reason}, code {result.code}"
        hung = Finding(work, stuck, 0, None, sentence, hung=True)
    return histograms, result.harts[0].cycles, hung


def run_campaign(works: Sequence[Work], workers: int, display: Display) -> Summary:
    """Run all jobs, and stop early only where something breaks."""
    summary = Summary({test: Seen() for work in works for test in work.tests})
    stopping = threading.Event()

    def shown(work: Work) -> tuple[dict[Litmus, Histogram], int, Finding | None]:
        display.started(work.label)
        done = run_work(work)
        if not stopping.is_set():
            display.finished(work.label, f"{done[1]:,} cycles")
        return done

    with ThreadPoolExecutor(workers) as pool:
        running = [pool.submit(shown, work) for work in works]
        try:
            for work, task in zip(works, running, strict=True):
                histograms, cycles, hung = task.result()
                summary.cycles += cycles
                for test, histogram in histograms.items():
                    summary.seen[test].counts[work.machine.buffered].update(histogram.counts)
                    summary.findings += judge(work, test, histogram)
                if hung:
                    summary.findings.append(hung)
        finally:
            stopping.set()
            simulator.stop_all(running)
    return summary
