"""One iteration of a litmus test, run again, to see when each hart executed what."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Sequence
from pathlib import Path

from sim import elf, machine
from sim.job import PhaseEnd, PhaseProbe

from .assembly import access_labels
from .campaign import Finding, image, job_of, tests_of_image


def repeat_command(finding: Finding, seed: int, iterations: int, machines: Sequence[str]) -> str:
    """The command that runs the same job again, with those of the other machines."""
    names = [test.name for test in finding.work.tests]
    options = ["--seed", str(seed), "--iterations", str(iterations), "--machines", *machines]
    return shlex.join(["dynstack", "litmus", *names, *options])


def trace(finding: Finding) -> list[tuple[int, int, str]]:
    """(cycle of retirement, hart, instruction) of the iteration that a finding is about, by cycle.

    The job runs again, which goes the same way. A store may be performed after it retires.
    """
    work = finding.work
    number = tests_of_image(work.harts).index(finding.test)
    program = image(work.harts)
    labels = list(access_labels(finding.test, number))
    probes = []
    for place, (_, label, _) in enumerate(labels):
        pc = elf.symbol(program, label).address
        probes.append(PhaseProbe(f"access{place}", pc, pc, PhaseEnd.AFTER))
    with tempfile.TemporaryDirectory(prefix="dynstack-litmus-") as scratch:
        directory = Path(scratch)
        result = machine.run(job_of(work, directory, tuple(probes)), directory)
    rows = []
    for place, (thread, _, text) in enumerate(labels):
        samples = result.samples[result.samples["phase"] == place]
        if finding.iteration < len(samples):
            rows.append((int(samples["end"][finding.iteration]), thread, text))
    return sorted(rows)
