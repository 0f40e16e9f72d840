"""H8: what P4 saves where threads sleep in the kernel."""

from __future__ import annotations

from sim import firmware
from sim.workload.threads import Op, OpKind, Thread, Workload

from .claim import Claim, Decision, Figures, holds, refuted
from .lab import Lab
from .trial import trial
from .workloads import EXIT, SHALLOW, depth_of_pages

_POLICIES = ("P0", "P1", "P3", "P4", "P7", "P8", "P9")
_SLEEPERS = 18
_CALLS = 50
_LESS_THAN = 0.1
_WHILE_ASLEEP = ("syscall_done", "thread_release")
"""From the first call of the worker to its end: sleepers come back from their call later."""


def asleep(pages: int) -> Workload:
    """All threads but one sleep in the kernel, with so many pages in use, while that one works."""
    depth = depth_of_pages(pages)
    all_asleep = 1_200 + 1_000 * pages
    sleep = Op(OpKind.SLEEP, depth=depth, sleep_depth=depth, sleep_ticks=all_asleep + 1_500)
    call = Op(OpKind.CALL, user_work=200, depth=SHALLOW)
    worker = Thread(0, (*(call,) * _CALLS, EXIT), start_delay=all_asleep)
    sleepers = (Thread(0, (sleep, EXIT)),) * _SLEEPERS
    return Workload((*sleepers, worker), ("call",), tick_interval=100)


def computing() -> Workload:
    """Threads that compute in user mode, and take it from each other at timer interrupts."""
    op = Op(OpKind.CALL, user_work=15_000, depth=SHALLOW)
    return Workload((Thread(0, (op, op, EXIT)),) * 8, ("call",), tick_interval=100)


def measure(lab: Lab) -> Figures:
    policies = [policy for policy in _POLICIES if policy in firmware.policies()]
    keys = [(policy, pages) for pages in (1, 2, 3, 4) for policy in policies]
    trials = [
        trial(policy, f"asleep-in-{pages}", asleep(pages), window=_WHILE_ASLEEP)
        for policy, pages in keys
    ]
    trials += [trial(policy, "computing", computing()) for policy in ("P0", "P4")]
    *sleeping, all_mapped, multiplexed = lab.run(trials)
    kib = {
        str(pages): {
            policy: run["stack_kib_per_thread"]
            for (policy, depth), run in zip(keys, sleeping, strict=True)
            if depth == pages
        }
        for pages in (1, 2, 3, 4)
    }
    return {
        "kib_per_thread_by_pages_asleep": kib,
        "share_asleep": round(_SLEEPERS / (_SLEEPERS + 1), 3),
        "P4_saves": {pages: round(1 - held["P4"] / held["P0"], 3) for pages, held in kib.items()},
        "P4_saves_where_threads_compute": round(
            1 - multiplexed["stack_kib_per_thread"] / all_mapped["stack_kib_per_thread"], 3
        ),
    }


def decide(figures: Figures) -> Decision:
    saves = figures["P4_saves"]
    shallow = figures["kib_per_thread_by_pages_asleep"]["1"]
    others = ", ".join(f"{policy} {kib:.1f}" for policy, kib in shallow.items())
    because = (
        f"with {figures['share_asleep']:.0%} of the threads asleep in the kernel P4 saves "
        f"{min(saves.values()):.1%} to {max(saves.values()):.1%} of P0's memory, and "
        f"{figures['P4_saves_where_threads_compute']:.1%} where threads compute and are "
        "preempted in user mode, of which the rule does not speak; "
        f"KiB per thread, asleep in one page: {others}"
    )
    return holds(because) if max(saves.values()) < _LESS_THAN else refuted(because)


CLAIM = Claim(
    text="P4 saves almost nothing for sleepers; savings come only from tasks preempted in user "
    "mode.",
    origin="B1, DL3",
    decided_by="holds if P4 saves under 10 % of P0 memory where at least 90 % of threads sleep in "
    "the kernel",
    note="A task that is preempted in user mode has entered the kernel to be, and in this kernel "
    "it keeps P4's pages until it goes back: the second half of the claim is a figure beside it.",
    measure=measure,
    decide=decide,
)
