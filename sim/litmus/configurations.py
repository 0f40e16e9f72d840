"""The machines that litmus tests run on, and the jobs of a campaign."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rtl.config import SocConfig
from rtl.presets import Straps, preset

from .catalogue import select
from .definition import Litmus

BATCH = 16
"""Iterations that end together: `sw/litmus/runtime.S`."""

_ITERATIONS_OF_A_JOB = 15_000
"""About so many make a job: long beside the start of a simulator, short beside a campaign."""


@dataclass(frozen=True)
class Machine:
    """A structure. The four-hart form of a large one takes too long to build."""

    name: str
    soc: SocConfig
    straps: Straps
    max_harts: int

    @property
    def buffered(self) -> bool:
        return self.soc.hart.store_buffer_entries > 0

    def with_harts(self, harts: int) -> SocConfig:
        return replace(self.soc, harts=harts)


def _machines() -> dict[str, Machine]:
    tiny, rocket = preset("tiny"), preset("rocket")
    unbuffered = replace(tiny.soc, hart=replace(tiny.soc.hart, store_buffer_entries=0))
    found = (
        Machine("tiny", tiny.soc, tiny.straps, 4),
        Machine("unbuffered", unbuffered, tiny.straps, 4),
        Machine("rocket", rocket.soc, rocket.straps, 2),
    )
    return {machine.name: machine for machine in found}


MACHINES = _machines()
"""The preset `tiny`, which has a store buffer; the same without it; the preset `rocket`."""

DEFAULT_MACHINES = ("tiny", "unbuffered")

_VARIANTS = ((2, False, 3), (6, True, 1))
"""DRAM latency, whether buses stall at random, and parts of the iterations: what stalls takes
nearly twice as long."""


@dataclass(frozen=True)
class Work:
    """One simulation: some tests, one after the other, on one machine."""

    machine: Machine
    harts: int
    straps: Straps
    tests: tuple[Litmus, ...]
    batches: tuple[int, ...]
    seeds: tuple[int, ...]

    @property
    def label(self) -> str:
        more = f" and {len(self.tests) - 1} more" if len(self.tests) > 1 else ""
        stalls = ", stalls" if self.straps.stall_seed else ""
        return f"{self.tests[0].name}{more} on {self.machine.name}, {self.harts} harts{stalls}"


def harts_for(test: Litmus) -> int:
    return 2 if len(test.threads) <= 2 else 4


def _batches(test: Litmus, iterations: int, parts: int) -> int:
    """How many batches each of so many parts of a test's iterations takes.

    Iterations are those of a shape, in equal parts for its tests; but each test gets a quarter of
    them at least.
    """
    members = sum(other.shape == test.shape for other in select())
    return -(-iterations // (min(members, 4) * BATCH * parts))


def plan(
    tests: Sequence[Litmus], iterations: int, seed: int, machines: Sequence[str]
) -> list[Work]:
    """All jobs of a campaign: each shape gets at least so many iterations, in equal parts on each
    machine that has the harts."""
    works = []
    for harts in (2, 4):
        chosen = [MACHINES[name] for name in machines if MACHINES[name].max_harts >= harts]
        fitting = [test for test in tests if harts_for(test) == harts]
        runs = [(machine, *variant) for machine in chosen for variant in _VARIANTS]
        if not runs:
            continue
        parts = sum(part for *_, part in runs)
        batches = {test: _batches(test, iterations, parts) for test in fitting}
        for together in _groups(fitting, batches):
            for machine, latency, stalls, part in runs:
                straps = replace(
                    machine.straps,
                    dram_latency=latency,
                    stall_seed=_seed(seed, "stalls", *together) if stalls else 0,
                )
                seeds = tuple(_seed(seed, machine.name, latency, test) for test in together)
                lengths = tuple(part * batches[test] for test in together)
                works.append(Work(machine, harts, straps, together, lengths, seeds))
    return works


def _groups(tests: Sequence[Litmus], batches: Mapping[Litmus, int]) -> Iterator[tuple[Litmus, ...]]:
    """As many tests, one after the other, as make a job.

    What a test does in a job depends on those that run before it there. A job's tests, asked for
    alone with the same numbers, make the same job.
    """
    group: list[Litmus] = []
    for test in tests:
        group.append(test)
        if sum(batches[member] for member in group) * BATCH >= _ITERATIONS_OF_A_JOB:
            yield tuple(group)
            group = []
    if group:
        yield tuple(group)


def _seed(*parts: object) -> int:
    words = [part.name if isinstance(part, Litmus) else str(part) for part in parts]
    return random.Random("/".join(words)).randrange(1, 1 << 32)
