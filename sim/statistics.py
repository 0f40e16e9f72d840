"""What a run's samples and totals amount to: exact integers wherever an integer will do.

Definitions are in `docs/measuring.md`. Nothing here runs or prints anything.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TypeGuard

import numpy as np

from .errors import UserError
from .job import CAUSES, EVENTS, SAMPLE, HartTotals, JobResult

MIN_SAMPLES_FOR_P99 = 200
PAGE_KIB = 4
SAMPLE_EVENTS = (SAMPLE.names or ())[-len(EVENTS) :]
"""Fields of a sample that count events, in the order of `sim.job.EVENTS`."""


class InvariantError(UserError):
    """Figures of the collector that contradict each other: a defect of the simulator."""

    def __init__(self, message: str):
        super().__init__(f"the measurement contradicts itself: {message}", exit_code=1)


def nearest_rank(ordered: Sequence[int], percent: int) -> int:
    """Return the smallest value that at least `percent` of the ordered values do not exceed."""
    rank = -(-percent * len(ordered) // 100)
    return ordered[max(rank, 1) - 1]


@dataclass(frozen=True)
class PhaseSummary:
    """Distribution of a phase in cycles, and totals over all its passages.

    Order statistics are None where there are no samples, p99 also where there are fewer than 200.
    `stalls` adds up to `cycles`. What nested traps took is in `nested_cycles` alone.
    """

    count: int
    min: int | None
    median: int | None
    p90: int | None
    p99: int | None
    max: int | None
    cycles: int
    stalls: dict[str, int]
    instructions: int
    itlb_misses: int
    dtlb_misses: int
    walks: int
    icache_misses: int
    dcache_misses: int
    fences: int
    mispredicts: int
    exceptions: int
    interrupts: int
    nested_traps: int
    nested_cycles: int

    def as_dict(self) -> dict:
        return {field.name: getattr(self, field.name) for field in fields(self)}


def phase_summary(samples: np.ndarray) -> PhaseSummary:
    """Summarise the samples (dtype `sim.job.SAMPLE`) of one phase."""
    ordered = sorted(samples["cycles"].tolist())
    count = len(ordered)
    totals = {
        name: int(samples[name].sum(dtype=np.uint64)) for name in ("instructions", *SAMPLE_EVENTS)
    }
    return PhaseSummary(
        count=count,
        min=ordered[0] if count else None,
        median=nearest_rank(ordered, 50) if count else None,
        p90=nearest_rank(ordered, 90) if count else None,
        p99=nearest_rank(ordered, 99) if count >= MIN_SAMPLES_FOR_P99 else None,
        max=ordered[-1] if count else None,
        cycles=sum(ordered),
        stalls=_causes(samples["stalls"].sum(axis=0, dtype=np.uint64)),
        nested_traps=int(samples["nested_traps"].sum(dtype=np.uint64)),
        nested_cycles=int(samples["nested_cycles"].sum(dtype=np.uint64)),
        **totals,
    )


def _causes(cycles: np.ndarray) -> dict[str, int]:
    """Name the causes that took any cycles, in the order of the enum."""
    return {name: int(cycles[index]) for index, name in enumerate(CAUSES) if cycles[index]}


def check_invariants(result: JobResult, phases: Sequence[str]) -> None:
    """Raise InvariantError unless every cycle has exactly one cause, in each phase and overall."""
    samples = result.samples
    for name, left, right in (
        ("stall causes", samples["stalls"].sum(axis=1, dtype=np.uint64), samples["cycles"]),
        (
            "cycles and nested cycles",
            samples["cycles"] + samples["nested_cycles"],
            samples["end"] - samples["begin"],
        ),
    ):
        wrong = np.flatnonzero(left != right).tolist()
        if wrong:
            sample = samples[wrong[0]]
            raise InvariantError(
                f"{name} of {phases[sample['phase']]} on hart {sample['hart']}, from cycle "
                f"{sample['begin']} to {sample['end']}, add up to {left[wrong[0]]} instead of "
                f"{right[wrong[0]]}, in {len(wrong)} of {len(samples)} samples"
            )
    for hart, totals in enumerate(result.harts):
        charged = sum(sum(causes.values()) for causes in totals.stalls.values())
        if charged != totals.window_cycles:
            raise InvariantError(
                f"stall causes of hart {hart} add up to {charged} instead of the "
                f"{totals.window_cycles} cycles of the window"
            )


@dataclass(frozen=True)
class CycleSplit:
    """Cycles of all harts inside the window."""

    user: int
    kernel: int
    idle: int


def split_cycles(harts: Sequence[HartTotals]) -> CycleSplit:
    """Split the window: idle wherever it was spent, else U-mode or S- and M-mode."""
    idle = sum(causes.get("idle", 0) for hart in harts for causes in hart.stalls.values())
    user = sum(
        cycles
        for hart in harts
        for cause, cycles in hart.stalls.get("u", {}).items()
        if cause != "idle"
    )
    whole = sum(hart.window_cycles for hart in harts)
    return CycleSplit(user, whole - user - idle, idle)


@dataclass(frozen=True)
class StackMemory:
    """Time averages in KiB per thread; `total` is the sum of the other three."""

    total: float
    mapped: float
    cached: float
    reserved: float


def stack_memory(mapped: int, cached: int, reserved: int, threads: int) -> StackMemory:
    """Form averages from integrals over the same cycles of pages and of threads."""

    def kib(pages: int) -> float:
        return PAGE_KIB * pages / threads

    return StackMemory(kib(mapped + cached + reserved), kib(mapped), kib(cached), kib(reserved))


def is_number(value: object) -> TypeGuard[float]:
    """Whether a value of JSON is a number that arithmetic can use: finite, and no `true`."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < sys.float_info.max
