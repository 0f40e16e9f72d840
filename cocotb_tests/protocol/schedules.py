"""What breaks a policy in the model and takes a kernel or a walker of its own to show on the RTL.

The built-in directed workloads show the rest (`sim.protocol.safety.DIRECTED`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sim.claims.trial import Change
from sim.protocol.conditions import Condition, Conditions
from sim.workload.directed import (
    DEEP,
    IN_THE_SECOND_PAGE,
    LIVE_FRAMES,
    SHALLOW,
    TO_THE_SECOND_PAGE,
    sleep,
    stale_stack,
)
from sim.workload.threads import Op, OpKind, Thread, Workload

_ABOVE_THE_SECOND_PAGE = 3600
_EXIT = Op(OpKind.EXIT)
_WAIT = Op(OpKind.WAIT, depth=DEEP, sleep_depth=IN_THE_SECOND_PAGE)

CACHES_ARE_QUEUES = (
    Change(
        "policies/p4.h",
        "    if (likely(origin == hart && page_cache_has_room(hart, DYNAMIC_PAGES))) {",
        "    if (false) {",
    ),
    Change("policies/p4.h", "        if (origin == hart) {", "        if (hart == NR_HARTS) {"),
)
"""A hart gets back its own pages as those of others, by the inbox: it takes them last, and not
first. That is what the model's `any order` needs; where caches are stacks, a thread that comes back
to its hart finds the pages that it has just given."""

_END_OF_POOL = "#define POOL_END UL(0x86000000)"
FEW_PAGES = (
    Change("kernel/memory_layout.h", _END_OF_POOL, "#define POOL_END (POOL_BASE + 40 * PAGE_SIZE)"),
)
"""So few that the residents below make the kernel take the pages of those that sleep."""


def _waker(delay: int, thread: int) -> Thread:
    wake = Op(OpKind.WAKE, depth=SHALLOW, thread=thread)
    return Thread(0, (sleep(SHALLOW, SHALLOW, delay), wake, _EXIT), home=1)


def _residents(delay: int) -> tuple[Thread, ...]:
    """Threads that take pages on hart 0 and leave frames in all of them."""
    asleep = sleep(DEEP, LIVE_FRAMES, 5000)
    return (Thread(0, (asleep, _EXIT), start_delay=delay, home=0),) * 2


def _directed(*threads: Thread, calls: str = "wait") -> Workload:
    return Workload(threads, (calls,), pinned=True, counts_damage=True, harts=2)


def owner_stays() -> Workload:
    """A thread waits twice on hart 0, with other pages the second time; hart 1 wakes it both times.

    In between it sleeps in little depth. The holders have gone deep once, and are asleep by then:
    who takes pages from sleepers may take theirs.
    """
    owner = Thread(0, (_WAIT, sleep(SHALLOW, SHALLOW, 1500), _WAIT, _EXIT), home=0)
    dive = Op(OpKind.CALL, depth=DEEP)
    holder = Thread(0, (dive, sleep(SHALLOW, SHALLOW, 6000), _EXIT), home=0)
    return _directed(owner, _waker(700, 0), _waker(3500, 0), *(holder,) * 3, *_residents(1400))


def comes_back() -> Workload:
    """`h31`, with the others on hart 1: who unmaps there gives the pages to its own cache."""
    workload = stale_stack()
    wanderer, *others = workload.threads
    return replace(workload, threads=(wanderer, *(replace(one, home=1) for one in others)))


def _callers(first: tuple[Op, ...] = ()) -> Thread:
    """Calls the kernel on hart 1, whose walker may then look for stacks beside: those of a pair."""
    calls = (Op(OpKind.CALL, user_work=50, depth=SHALLOW),) * 60
    return Thread(0, (*first, *calls, sleep(SHALLOW, SHALLOW, 6000), _EXIT), home=1)


def read_by_one_that_speculates() -> Workload:
    """Nobody reads while the thread has its first pages, but the walker of hart 1 is near them."""
    asleep = (sleep(DEEP, LIVE_FRAMES, 1000), sleep(SHALLOW, SHALLOW, 1500))
    owner = Thread(0, (*asleep, _WAIT, _EXIT), home=0)
    return _directed(_callers(), owner, _callers(), _waker(3500, 1), *_residents(1400))


def goes_where_a_walker_was() -> Workload:
    """The same, and in the end the thread goes to hart 1 itself. It was there before it got those
    pages: on its first arrival it would be fenced."""
    there_and_back = (sleep(SHALLOW, SHALLOW, 100, harts=1),) * 2
    asleep = (sleep(DEEP, LIVE_FRAMES, 1500), sleep(SHALLOW, SHALLOW, 1500))
    last = sleep(DEEP, _ABOVE_THE_SECOND_PAGE, 500, harts=1, after=TO_THE_SECOND_PAGE)
    owner = Thread(0, (*there_and_back, *asleep, last, _EXIT), home=0)
    caller = _callers(first=(sleep(SHALLOW, SHALLOW, 700),))
    return _directed(caller, owner, caller, *_residents(2000), calls="sleep")


@dataclass(frozen=True)
class Demonstration:
    """A workload, changes to the kernel, and seeds of the walker: one of them is enough."""

    workload: Workload
    changes: tuple[Change, ...]
    seeds: tuple[int, ...] = (0,)


_S, _OBJ, _M, _R = (
    Condition.SPECULATION,
    Condition.SHARED,
    Condition.MIGRATION,
    Condition.REORDER,
)
_STAYS = Demonstration(owner_stays(), CACHES_ARE_QUEUES)
_SEEDS = tuple(range(1, 9))
DEMONSTRATIONS: Mapping[tuple[str, Conditions], Demonstration] = {
    ("P4", frozenset({_OBJ, _R})): _STAYS,
    ("P4-local", frozenset({_OBJ, _R})): _STAYS,
    ("P4-local", frozenset({_M, _R})): Demonstration(comes_back(), CACHES_ARE_QUEUES),
    ("P4-migfence", frozenset({_OBJ, _R})): _STAYS,
    ("P4-shared", frozenset({_S, _OBJ, _R})): Demonstration(
        read_by_one_that_speculates(), CACHES_ARE_QUEUES, _SEEDS
    ),
    ("P4-shared", frozenset({_S, _M, _R})): Demonstration(
        goes_where_a_walker_was(), CACHES_ARE_QUEUES, _SEEDS
    ),
    ("P5-keep", frozenset({_OBJ})): Demonstration(owner_stays(), FEW_PAGES),
    ("P11-epoch", frozenset({_OBJ, _R})): _STAYS,
}

NOT_ON_THIS_MACHINE: Mapping[tuple[str, Conditions], str] = {
    ("P2", frozenset({_S, _OBJ})): "its walker sets no A bit that nobody asked for",
    ("P8", frozenset({_S, _OBJ})): "its walker sets no A bit that nobody asked for",
    ("P2-atomic", frozenset({_S, Condition.UNACCESSED, _OBJ})): "RISC-V forbids it",
}
"""Breaks that take a walker which the machine has not, and why."""

CONTROLS: Mapping[str, tuple[str, Demonstration]] = {
    "a fence on all harts": ("P4-ipi", _STAYS),
    "a fence on the hart that reads": ("P4-shared", _STAYS),
    "caches are stacks, and the owner stays": ("P4", Demonstration(owner_stays(), ())),
    "caches are stacks, and a thread comes back": ("P4-local", Demonstration(comes_back(), ())),
    "there are pages enough": ("P5-keep", Demonstration(owner_stays(), ())),
    "no walker speculates where hart 1 reads": (
        "P4-shared",
        Demonstration(read_by_one_that_speculates(), CACHES_ARE_QUEUES),
    ),
    "no walker speculates where the thread goes": (
        "P4-shared",
        Demonstration(goes_where_a_walker_was(), CACHES_ARE_QUEUES),
    ),
}
"""The same workloads without what a break takes: policy and run, in which nothing may be found."""
