"""Threads, states and arrows, from events as several harts would leave them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from cocotb_tests.timeline.reader import Event, read
from sim.job import SAMPLE, Finding, HartTotals, JobResult, Watch, WatchKind
from sim.probes import Symbol
from sim.timeline.events import EVENT, MSWI, SSWI, STACK_PTES, Kind, Mode, Sources
from sim.timeline.threads import ThreadNames
from sim.timeline.tracks import Tracks

THREADS, IDLE, TABLES = 0x8010_0000, 0x8020_0000, 0x8030_0000
SYMBOLS = {
    "threads": Symbol(THREADS, 4 * 256),
    "idle_threads": Symbol(IDLE, 8 * 256),
    "spawner": Symbol(0x8050_0000, 256),
}
SOURCES = Sources(
    marks=(
        "workload_begin",
        "context_switch",
        "finish_task_switch",
        "wake",
        "page_cache_return_to",
    ),
    stores={
        MSWI: (0x0200_0000, 8),
        SSWI: (0x02F0_0000, 8),
        STACK_PTES: (TABLES, 4096),
    },
    watches=(Watch("stack", WatchKind.VALID_PTES, TABLES, 4096),),
)
BEGIN, SWITCH, SWITCHED, WAKE, RETURN = range(5)
ONE, TWO = THREADS, THREADS + 256
IDLE_0, IDLE_1 = IDLE, IDLE + 256
PAGE = 0x8080_3000
PTE = PAGE >> 2 | 1
INTERRUPT = 1 << 63
CYCLES = 1000


def mark(cycle: int, hart: int, which: int, tp: int, *arguments: int) -> tuple:
    a0, a1 = (*arguments, 0, 0)[:2]
    return cycle, Kind.MARK, hart, which, tp, a0, a1


def switch(cycle: int, hart: int, before: int, after: int) -> list[tuple]:
    return [
        mark(cycle - 20, hart, SWITCH, before, before, after),
        mark(cycle, hart, SWITCHED, after, before),
    ]


def store(cycle: int, hart: int, name: str, offset: int, value: int) -> tuple:
    index = list(SOURCES.stores).index(name)
    return cycle, Kind.STORE, hart, index, SOURCES.stores[name][0] + offset, value, 0


def trap(cycle: int, hart: int, cause: int, privilege: int = 0) -> tuple:
    return cycle, Kind.TRAP, hart, privilege, cause, 0x1_0000, cycle - 5


def sret(cycle: int, hart: int) -> tuple:
    return cycle, Kind.TRAP_RETURN, hart, 1, 0x8020_0100, 0, 0


def trace(directory: Path, *groups: tuple | list[tuple], findings=(), sources=SOURCES):
    """The trace of a machine of two harts, on which these events happened."""
    listed = [
        event for group in groups for event in (group if isinstance(group, list) else [group])
    ]
    events = np.array([(0, Kind.MODE, hart, Mode.MACHINE, 0, 0, 0) for hart in range(2)], EVENT)
    events = np.concatenate([events, np.array(sorted(listed), EVENT)])
    hart = HartTotals(CYCLES, 0, CYCLES, {}, {})
    result = JobResult(
        "pass",
        0,
        (hart, hart),
        np.zeros(0, SAMPLE),
        {},
        {},
        (0, CYCLES - 1),
        0.0,
        "",
        findings=findings,
    )
    path = directory / "a.pftrace"
    with path.open("wb") as file:
        Tracks(events, sources, result, (), ThreadNames(SYMBOLS)).write(file)
    return read(path)


def where(event: Event) -> tuple[str, str, int]:
    return event.track[0], event.name, event.begin


def states(found, thread: str) -> list[tuple[str, int, int | None]]:
    return [(e.name, e.begin, e.end) for e in found.on("threads", thread, "state")]


def test_a_wake_up_leads_to_where_the_thread_runs_next(tmp_path):
    found = trace(
        tmp_path,
        switch(100, 0, IDLE_0, ONE),
        switch(200, 0, ONE, IDLE_0),
        mark(250, 1, SWITCH, TWO),
        mark(300, 1, WAKE, TWO, ONE, 0),
        switch(400, 0, IDLE_0, ONE),
    )
    ((begin, end),) = found.arrows()
    assert where(begin) == ("hart 1", "wakes thread 0", 300)
    assert where(end) == ("hart 0", "thread 0", 400)
    assert states(found, "thread 0") == [
        ("on hart 0", 100, 200),
        ("sleeping", 200, 300),
        ("runnable", 300, 400),
        ("on hart 0", 400, CYCLES),
    ]


def test_a_thread_that_nobody_woke_was_runnable(tmp_path):
    found = trace(
        tmp_path,
        switch(100, 0, IDLE_0, ONE),
        switch(200, 0, ONE, TWO),
        switch(300, 0, TWO, ONE),
    )
    assert states(found, "thread 0")[1] == ("runnable", 200, 300)
    assert found.arrows() == []


def test_without_the_symbol_of_a_wake_up_nothing_is_said_about_sleep(tmp_path):
    silent = replace(SOURCES, marks=SOURCES.marks[:WAKE])
    events = [switch(100, 0, IDLE_0, ONE), switch(200, 0, ONE, IDLE_0), switch(300, 0, IDLE_0, ONE)]
    found = trace(tmp_path, *events, sources=silent)
    assert states(found, "thread 0")[1] == ("off hart", 200, 300)
    # The idle thread waits for nothing.
    assert [name for name, _, _ in states(found, "idle 0")] == ["on hart 0", "on hart 0"]


def test_a_thread_woken_while_it_is_switched_out_does_not_sleep(tmp_path):
    found = trace(
        tmp_path,
        switch(100, 0, IDLE_0, ONE),
        mark(190, 1, WAKE, IDLE_1, ONE),
        switch(200, 0, ONE, IDLE_0),
        switch(300, 0, IDLE_0, ONE),
    )
    assert states(found, "thread 0")[1] == ("runnable", 200, 300)


def test_a_migration_leads_from_one_hart_to_the_other(tmp_path):
    found = trace(
        tmp_path,
        switch(100, 0, IDLE_0, ONE),
        switch(200, 0, ONE, IDLE_0),
        switch(300, 1, IDLE_1, ONE),
    )
    ((begin, end),) = found.arrows()
    assert where(begin) == ("hart 0", "thread 0", 100)
    assert where(end) == ("hart 1", "thread 0", 300)


def test_an_ipi_leads_to_the_trap_that_answers_it(tmp_path):
    found = trace(
        tmp_path,
        store(100, 0, SSWI, 4, 1),
        store(110, 0, MSWI, 4, 1),
        trap(120, 0, INTERRUPT | 1),  # another hart's
        trap(150, 1, INTERRUPT | 3),
        store(155, 1, MSWI, 4, 0),  # takes it back: no IPI
        trap(160, 1, INTERRUPT | 1),
        store(170, 1, SSWI, 0, 1),  # nobody answers
    )
    machine, supervisor = sorted(found.arrows(), key=lambda arrow: arrow[1].begin)
    assert where(machine[0]) == ("hart 0", "IPI, M-mode to hart 1", 110)
    assert where(machine[1]) == ("hart 1", "IPI, M-mode", 150)
    assert where(supervisor[0]) == ("hart 0", "IPI to hart 1", 100)
    assert where(supervisor[1]) == ("hart 1", "IPI", 160)
    assert ("hart 1", "IPI to hart 0", 170) in {where(e) for e in found.on("hart 1", "events")}


def test_an_ipi_that_is_polled_leads_to_no_trap(tmp_path):
    found = trace(
        tmp_path,
        store(100, 0, MSWI, 4, 1),
        store(120, 1, MSWI, 4, 0),  # seen without a trap, and taken back
        store(200, 0, MSWI, 4, 1),
        trap(210, 1, INTERRUPT | 3),
        store(220, 1, MSWI, 4, 0),
    )
    assert [(where(a)[2], where(b)[2]) for a, b in found.arrows()] == [(200, 210)]


def test_two_senders_may_get_one_answer(tmp_path):
    found = trace(
        tmp_path, store(100, 0, SSWI, 4, 1), store(110, 1, SSWI, 4, 1), trap(150, 1, INTERRUPT | 1)
    )
    assert [(where(a)[2], where(b)[2]) for a, b in found.arrows()] == [(100, 150), (110, 150)]


def test_a_page_is_followed_from_hart_to_hart(tmp_path):
    found = trace(
        tmp_path,
        store(100, 0, STACK_PTES, 8, PTE),
        store(200, 1, STACK_PTES, 8, 0),
        mark(210, 1, RETURN, ONE, 0, PAGE),
        store(300, 0, STACK_PTES, 16, PTE),
        store(400, 0, STACK_PTES, 16, 0),
        store(500, 0, STACK_PTES, 24, PTE),  # the same hart all the time: no arrow
    )
    page = f"page {PAGE:#x}"
    assert [(where(a), where(b)) for a, b in found.arrows()] == [
        (("hart 0", f"{page} mapped", 100), ("hart 1", f"{page} unmapped", 200)),
        (("hart 1", f"{page} returned to hart 0", 210), ("hart 0", f"{page} mapped", 300)),
    ]


def test_findings_of_the_oracle_have_the_number_that_waves_takes(tmp_path):
    finding = Finding("harmful", False, 1, 500, 0x8020_0000, "load", 0x1000, 0x2000, None, 9, ONE)
    found = trace(tmp_path, switch(100, 0, IDLE_0, ONE), findings=(finding,))
    (event,) = found.on("hart 1", "events")
    assert (event.name, event.begin) == ("stale 0: harmful load", 500)
    assert event.arguments["used_paddr"] == "0x2000"
    assert (event.arguments["walked_paddr"], event.arguments["age"]) == ("None", "9")


def test_kernel_visits_nest_and_end_with_the_thread(tmp_path):
    found = trace(
        tmp_path,
        switch(100, 0, IDLE_0, ONE),
        sret(110, 0),  # a new thread: returns from what it has not entered
        trap(200, 0, 8),
        trap(220, 0, INTERRUPT | 5, 1),
        sret(240, 0),
        sret(260, 0),
        trap(300, 0, 8),
        switch(400, 0, ONE, IDLE_0),  # and never again
        sret(420, 0),
    )
    shown = [(e.name, e.around, e.begin, e.end) for e in found.on("threads", "thread 0", "kernel")]
    assert shown == [
        ("system call", (), 196, 261),
        ("interrupt STI", ("system call",), 216, 241),
        ("system call", (), 296, 400),
    ]


def test_threads_have_names_and_an_order():
    names = ThreadNames(SYMBOLS)
    found = [names.name(t) for t in (ONE, TWO, IDLE_1, 0x8050_0000, 0x1234)]
    assert found == ["thread 0", "thread 1", "idle 1", "spawner", "task 0x1234"]
    ordered = sorted((IDLE_1, 0x8050_0000, TWO, 0x1234, ONE), key=names.order)
    assert [names.name(t) for t in ordered] == [
        "thread 0",
        "thread 1",
        "task 0x1234",
        "spawner",
        "idle 1",
    ]
    # Without the arrays that tell its size nothing is known of a thread but its address.
    assert ThreadNames({}).name(ONE) == f"task {ONE:#x}"
