"""From a schedule of the model to a directed workload, which shows it on the RTL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ..errors import UserError
from ..workload.threads import Op, OpKind, Thread, Workload
from .conditions import Conditions
from .safety import DIRECTED as BROKEN_BY
from .safety import DIRECTED_CONDITIONS
from .schedule import Fault, Schedule, Step

SLOT = 150
"""Ticks of `mtime` between two steps: what a step leads to is over by then."""

# Depths as in the workload `h31`: where a stale access lands, the frames of the thread that has the
# page are checked, and none of them is what it returns by.
_DEEP = 15 << 10
_LIVE = 14 << 10
_SHALLOW = 1 << 10
_FIRST_UNMAPPED_PAGE = 5 << 10

_COPIES = 3
"""A page of the model is three here, and caches hold more: so many threads stand for each that
takes what another gave back."""


def workload_that_shows(variant: str, conditions: Conditions) -> str | None:
    """The built-in workload that shows on the RTL what breaks a policy under these conditions."""
    for name, broken in BROKEN_BY.items():
        if variant in broken and conditions <= DIRECTED_CONDITIONS[name]:
            return name
    return None


@dataclass
class _Visit:
    """From one entry into the kernel to the exit: at most one sleep."""

    begin: int
    hart: int
    before: bool = False
    sleeps_deep: bool = False
    sleep: int | None = None
    wake: int | None = None
    wake_hart: int = 0
    after: bool = False
    end: int | None = None


def directed(schedule: Schedule, harts: int) -> Workload:
    """Return a workload in which threads do what they do in the schedule, in the same order.

    Raise UserError where a step is none that threads of a workload can be told to do.
    """
    if schedule.fault is not Fault.HARMFUL:
        raise UserError("only a schedule that ends in another's page is worth a workload")
    victim = schedule.steps[-1].thread
    threads: list[Thread] = []
    for number in sorted({s.thread for s in schedule.steps if s.thread is not None}):
        visits = list(_visits(schedule.steps, number))
        thread = _thread(visits, len(schedule.steps), harts)
        threads += [thread] * (1 if number == victim else _COPIES)
    # The victim is the first: it has to be created before the others take pages.
    threads.sort(key=lambda thread: thread.start_delay)
    return Workload(tuple(threads), ("sleep",), pinned=True, counts_damage=True, harts=harts)


def _visits(steps: Sequence[Step], thread: int) -> Iterator[_Visit]:
    visit: _Visit | None = None
    for time, step in enumerate(steps):
        if step.thread != thread:
            continue
        hart = step.hart
        if hart is None or "object" in step.action or step.action in ("ends", "is created"):
            raise UserError(f"a workload cannot say: thread {thread} {step.text}")
        if step.action == "enters the kernel" or (step.action == "goes on" and visit is None):
            visit = _Visit(time, hart)
        elif visit is None:
            continue
        elif step.action == "goes on":
            visit.wake, visit.wake_hart = time, hart
        elif step.action.startswith("maps") and visit.sleep is None:
            visit.begin = time  # a thread that is created has its page at once
        elif step.action.startswith("goes deep"):
            if visit.sleep is None:
                visit.before = True
            else:
                visit.after = True
        elif step.action.startswith("sleeps"):
            if visit.sleep is not None:
                raise UserError(f"a workload cannot say: thread {thread} sleeps twice in a call")
            visit.sleep = time
            visit.sleeps_deep = step.page is not None
        elif step.action == "returns to user mode":
            visit.end = time
            yield visit
    if visit is not None and visit.end is None:
        yield visit


def _thread(visits: list[_Visit], last: int, harts: int) -> Thread:
    ops = [_op(visit, last, harts) for visit in visits]
    return Thread(
        0, (*ops, Op(OpKind.EXIT)), start_delay=visits[0].begin * SLOT, home=visits[0].hart
    )


def _op(visit: _Visit, last: int, harts: int) -> Op:
    if visit.end is not None and visit.sleep is None:
        return Op(OpKind.CALL, depth=_DEEP if visit.before else _SHALLOW)
    op = Op(
        OpKind.SLEEP,
        depth=_DEEP if visit.before else _SHALLOW,
        sleep_depth=_SHALLOW,
        # Who is in the kernel when the schedule ends stays there until all is over.
        sleep_ticks=((last + 4 if visit.wake is None else visit.wake) - visit.begin) * SLOT,
    )
    if visit.sleep is None or visit.wake is None:
        return replace(op, depth=_DEEP, sleep_depth=_LIVE)
    return replace(
        op,
        harts=(visit.wake_hart - visit.hart) % harts,
        sleep_depth=_LIVE if visit.sleeps_deep and not visit.after else _SHALLOW,
        depth_after=_FIRST_UNMAPPED_PAGE if visit.after else 0,
    )
