"""Many random programs in lockstep, on many machines, and what to do about one that fails."""

from __future__ import annotations

import random
import shlex
import shutil
import tempfile
import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from rtl.presets import preset
from sim import golden, machine, model, simulator
from sim.cache import Progress, silent
from sim.display import Display
from sim.errors import UserError
from sim.job import Job, JobResult

from .census import Census
from .configurations import STRUCTURES, Machine, draw_machine
from .drawing import draw_plan
from .plan import Plan
from .program import emit
from .shrink import shrink

CHAPTERS = 16
USUAL_INSTRUCTIONS = 200_000
"""Of a program of so many chapters."""
SHARED_CHAPTERS = 8
SHARED_INSTRUCTIONS = 130_000
"""The same of a program of several harts."""
ONE_HART = tuple((name, 1) for name in STRUCTURES)
_MAX_CYCLES = 100_000_000
_CRASH, _STALE = "crash", "stale"


@dataclass(frozen=True)
class Case:
    """One program and the machine it runs on; both follow from the campaign's seed and `number`."""

    number: int
    machine: Machine
    plan: Plan

    @property
    def label(self) -> str:
        harts = self.machine.soc.harts
        several = f" with {harts} harts" if harts > 1 else ""
        return f"program {self.number} on {self.machine.preset}{several}"


@dataclass(frozen=True)
class Outcome:
    """What came of a case: a status as in `sim.job.JobResult`, crash, or stale."""

    case: Case
    status: str
    report: str
    instructions: int = 0
    cycles: int = 0
    census: dict | None = field(default=None, repr=False)
    exceptions: dict[str, int] = field(default_factory=dict, repr=False)

    @property
    def failed(self) -> bool:
        return self.status != "pass"


def case(seed: int, number: int, structures: Sequence[tuple[str, int]] = ONE_HART) -> Case:
    """Program `number` of the campaign with this seed; the structures, each a preset and a number
    of harts, take turns."""
    rng = random.Random(f"{seed}/{number}")
    name, harts = structures[number % len(structures)]
    chosen = draw_machine(rng, name, harts)
    plan = draw_plan(
        rng.getrandbits(48),
        CHAPTERS if harts == 1 else SHARED_CHAPTERS,
        honour_asid=bool(chosen.straps.honour_asid),
        svadu=bool(chosen.straps.svadu),
        compressed=rng.random() < 0.9,
        harts=harts,
    )
    return Case(number, chosen, plan)


def build_models(structures: Sequence[tuple[str, int]], progress: Progress = silent) -> None:
    """Build what the campaign's machines need, where it is missing."""
    golden.library(progress)
    for name, harts in structures:
        model.build(replace(preset(name).soc, harts=harts), progress)


def run_case(case: Case) -> Outcome:
    """Emit the program and run it in lockstep."""
    with tempfile.TemporaryDirectory(prefix="dynstack-torture-") as scratch:
        directory = Path(scratch)
        image = directory / "program.elf"
        image.write_bytes(emit(case.plan).elf)
        try:
            result = machine.run(_job(case, image), directory)
        except UserError as error:
            if error.exit_code != 1:
                raise
            return Outcome(case, _CRASH, str(error))
    return _outcome(case, result)


def _job(case: Case, image: Path) -> Job:
    return Job(
        image=image,
        soc=case.machine.soc,
        straps=case.machine.straps,
        max_cycles=_MAX_CYCLES,
        lockstep=True,
        # What it counts is what one hart does.
        census=case.machine.soc.harts == 1,
    )


def _outcome(case: Case, result: JobResult) -> Outcome:
    status = result.status
    report = result.mismatch.report if result.mismatch else f"{result.reason}, code {result.code}"
    stale = result.exceptions.get("stale_faults", 0)
    several = case.machine.soc.harts > 1
    found = result.translations
    if status == "pass" and several and found.stale[1] + found.spurious[1]:
        status, report = _STALE, "\n".join(str(finding) for finding in result.findings)
    if status == "pass" and stale and not several:
        # Lockstep lets them pass until a fence of everything; here a covering fence came before.
        status, report = _STALE, f"{stale} page faults by entries that a fence had covered"
    instructions = sum(hart.instructions for hart in result.harts)
    return Outcome(
        case,
        status,
        report,
        instructions,
        result.harts[0].cycles,
        result.census,
        {**result.exceptions, "stale_before_fence": found.stale[0]} if several else {},
    )


@dataclass
class Summary:
    """A campaign so far: its programs in order, until enough instructions or a failure."""

    programs: int = 0
    instructions: int = 0
    cycles: int = 0
    machines: set[Machine] = field(default_factory=set)
    census: Census = field(default_factory=Census)
    exceptions: Counter[str] = field(default_factory=Counter)
    failure: Outcome | None = None


def run_campaign(
    seed: int,
    instructions: int,
    workers: int,
    structures: Sequence[tuple[str, int]],
    display: Display,
) -> Summary:
    """Run programs until so many instructions have been compared, or one fails.

    What counts does not depend on which program ends first: their order is that of their numbers,
    and what was started beyond the end is forgotten.
    """
    summary = Summary()
    stopping = threading.Event()
    with ThreadPoolExecutor(workers) as pool:
        running: list[Future[Outcome]] = []
        numbers = iter(range(1 << 30))
        try:
            while summary.instructions < instructions and summary.failure is None:
                while len(running) < workers:
                    drawn = case(seed, next(numbers), structures)
                    running.append(pool.submit(_shown, drawn, display, stopping))
                _add(summary, running.pop(0).result())
        finally:
            stopping.set()
            simulator.stop_all(running)
    return summary


def _shown(case: Case, display: Display, stopping: threading.Event) -> Outcome:
    display.started(case.label)
    outcome = run_case(case)
    if stopping.is_set():
        return outcome
    note = f"{outcome.status}, {outcome.instructions:,} instructions"
    display.finished(case.label, note)
    return outcome


def _add(summary: Summary, outcome: Outcome) -> None:
    summary.programs += 1
    summary.instructions += outcome.instructions
    summary.cycles += outcome.cycles
    summary.machines.add(outcome.case.machine)
    summary.exceptions.update(outcome.exceptions)
    if outcome.census is not None:
        summary.census.add(outcome.census)
    if outcome.failed:
        summary.failure = outcome


def shrunk(failure: Outcome, runs: int) -> Outcome:
    """The same failure from as short a program as possible.

    Another failure than the first one's kind (a crash for a mismatch) is not followed.
    """
    best = failure

    def fails(plan: Plan) -> bool:
        nonlocal best
        outcome = run_case(Case(failure.case.number, failure.case.machine, plan))
        if outcome.status != failure.status:
            return False
        best = outcome
        return True

    plan = shrink(failure.case.plan, fails, runs)
    return (
        best
        if best.case.plan == plan
        else run_case(Case(failure.case.number, failure.case.machine, plan))
    )


def save(outcome: Outcome, directory: Path) -> list[str]:
    """Keep a failing program; return the command that runs it again."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    program = emit(outcome.case.plan, listing=True)
    image = directory / "program.elf"
    image.write_bytes(program.elf)
    command = ["dynstack", "run", str(image), "--lockstep", *outcome.case.machine.options()]
    files = {
        "program.lst": program.listing,
        "plan.json": outcome.case.plan.to_json(),
        "report.txt": f"{outcome.status}\n{outcome.report}\n",
        "command.txt": shlex.join(command) + "\n",
    }
    for name, text in files.items():
        (directory / name).write_text(text)
    return command
