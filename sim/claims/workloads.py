"""Workloads that claims are tried on."""

from __future__ import annotations

from dataclasses import replace

from sim.workload.applications import application
from sim.workload.builtin import OFTEN
from sim.workload.depths import DATA, read_rows
from sim.workload.generate import generate
from sim.workload.threads import Op, OpKind, Thread, Workload

PAGE = 4096
EXIT = Op(OpKind.EXIT)
SHALLOW = 480
"""Bytes of a call that stays in the topmost page: little more than its registers."""
SEEDS = (1, 2, 3)
"""Of the workloads by which a figure has a spread."""


def depth_of_pages(pages: int) -> int:
    """A depth in bytes that uses so many pages, the last one half."""
    return pages * PAGE - PAGE // 2


def repeated_calls(depth: int, calls: int, threads: int = 1, user_work: int = 20) -> Workload:
    """Threads that do nothing but call, each as deep, with no timer interrupt between."""
    ops = (*(Op(OpKind.CALL, user_work=user_work, depth=depth),) * calls, EXIT)
    return Workload((Thread(0, ops),) * threads, ("call",))


def ping_pong(depth: int, rounds: int, threads: int = 2, sharing: int = 1) -> Workload:
    """Threads of so many processes that give the hart to each other in every call."""
    ops = (*(Op(OpKind.YIELD, user_work=20, depth=depth),) * rounds, EXIT)
    return Workload(tuple(Thread(number % sharing, ops) for number in range(threads)), ("yield",))


def measured(name: str, calls: int, seed: int = 1, workers: int = 10) -> Workload:
    """A measured application among threads that sleep all the time; `calls` system calls."""
    plan = replace(OFTEN, calls=calls, workers=workers, idle_ticks=calls * 10)
    return generate(application(name), plan, seed)


def applications() -> list[tuple[str, float]]:
    """Applications whose switches were measured, with kernel entries per switch, without ticks."""
    rows = read_rows(DATA / "application-kernel-entries.csv")
    return [
        (row["application"], float(row["kernel_entries_per_switch"]))
        for row in rows
        if row["voluntary_switches"]
    ]
