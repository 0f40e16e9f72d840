"""What the answer is asked of: policies, on applications, by share of sleepers and harts."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from rtl.presets import preset
from sim import firmware
from sim.cache import Progress
from sim.claims import workloads
from sim.sweep.point import Point, with_keys
from sim.workload.applications import application
from sim.workload.builtin import OFTEN
from sim.workload.format import encode
from sim.workload.generate import generate
from sim.workload.threads import OpKind, RemoteFence, Workload

THREADS = 20
SLEEPERS = (0, 10, 18)
"""Of the threads, those that sleep in the kernel all the time."""
HARTS = (1, 2, 4)
BASELINE = "P0"
REPEATS_CALLS = "P9"
"""It asks more than the others: who waits leaves the kernel, and makes the call again."""
SEED = 1

_KERNEL_THREADS = ("kworker", "rcu_sched")
_CALLS_OF_SLEEPERS = ("epoll_wait", "futex", "poll", "wait4", "pselect6", "clock_nanosleep")
_BY_ACCESSED_BIT = ("P2", "P2-atomic", "P7-accessed", "P8", "P8-shrinker")
"""These look at A and D bits, and are run with a walker that sets them, too."""
_CYCLES_PER_ENTRY = 2_500
"""Roughly, in the kernel and in user mode: decides when sleepers wake, and nothing else."""


@dataclass(frozen=True)
class Contender:
    """A policy on a machine that suits it."""

    policy: str
    preset: str = "rocket"

    @property
    def name(self) -> str:
        return self.policy if self.preset == "rocket" else f"{self.policy} Svadu"


@dataclass(frozen=True)
class Cell:
    """One application with so many sleepers among its threads, on so many harts."""

    application: str
    sleepers: int
    harts: int

    @property
    def name(self) -> str:
        return f"{self.application}-{self.sleepers}-asleep"


def applications() -> list[str]:
    """Those whose context switches were measured."""
    return [name for name, _ in workloads.applications()]


def cells(names: Iterable[str], harts: Iterable[int]) -> list[Cell]:
    """Cells of these applications: by sleepers on the first number of harts, then by harts with
    most threads asleep."""
    first, *others = harts
    return [
        cell
        for name in names
        for cell in (
            *(Cell(name, asleep, first) for asleep in SLEEPERS),
            *(Cell(name, SLEEPERS[-1], count) for count in others),
        )
    ]


def contenders(policies: Sequence[str], harts: int) -> Iterator[Contender]:
    """Those that do something of their own on so many harts."""
    for policy in firmware.distinct_policies(harts):
        if policy in policies:
            yield Contender(policy)
            if policy in _BY_ACCESSED_BIT:
                yield Contender(policy, "svadu")


def workload(cell: Cell, calls: int) -> Workload:
    """The application's `calls` system calls by those threads that do not sleep all the time.

    Sleepers wake, and exit, at about the time when the others are done.
    """
    workers = THREADS - cell.sleepers
    kernel_threads = _KERNEL_THREADS[: cell.sleepers]
    users = cell.sleepers - len(kernel_threads)
    plan = replace(
        OFTEN,
        calls=calls,
        workers=workers,
        sleepers=tuple(
            _CALLS_OF_SLEEPERS[number % len(_CALLS_OF_SLEEPERS)] for number in range(users)
        ),
        kernel_threads=kernel_threads,
    )
    mix = application(cell.application)
    working = generate(mix, replace(plan, sleepers=(), kernel_threads=()), SEED)
    return generate(mix, replace(plan, idle_ticks=_duration(working, cell.harts)), SEED)


def _duration(working: Workload, harts: int) -> int:
    """About how many ticks the workers take: the longest sleeper, or all entries on the harts."""
    entries = sum(len(thread.ops) for thread in working.threads)
    tick = preset("rocket").soc.cycles_per_timebase_tick
    busy = entries * _CYCLES_PER_ENTRY // tick // harts
    asleep = max(
        sum(op.sleep_ticks for op in thread.ops if op.kind is OpKind.SLEEP)
        for thread in working.threads
    )
    return max(busy, asleep + busy // len(working.threads))


def points(
    chosen: Sequence[Cell], policies: Sequence[str], calls: int, progress: Progress
) -> list[Point]:
    """A point of a sweep for each cell and contender, everything that they need being built."""
    found = []
    for cell in chosen:
        made = replace(workload(cell, calls), harts=cell.harts, remote_fence=RemoteFence.SBI)
        blob = zlib.compress(encode(made))
        for contender in contenders(policies, cell.harts):
            label = f"{contender.name} on {cell.name}, harts {cell.harts}"
            machine = preset(contender.preset).with_harts(cell.harts)
            found.append(Point(label, contender.policy, machine, cell.name, blob))
    return with_keys(found, progress)
