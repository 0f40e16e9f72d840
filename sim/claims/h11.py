"""H11: pages for entries that cannot wait for memory."""

from __future__ import annotations

from sim.workload.threads import Op, OpKind, Thread, Workload

from .claim import Claim, Decision, Figures, holds, limited, refuted
from .lab import Lab
from .reading import Span
from .trial import Change, Trial, trial
from .workloads import EXIT, SHALLOW

_THREADS = 6
_TICK = 60
_RESERVES = (3, 6)
_ENTRY = Span("interrupt_entry", "claims_interrupt_entry", "claims_interrupt_entry")
_ENTER = "void policy_enter_from_user(struct thread* t) { policy_map(t); }\n\n"
_EXIT = "void policy_exit_to_user(struct thread* t) { policy_unmap(t); }\n"
_FROM_RESERVE = """\
#define FROM_RESERVE 1

static __attribute__((noinline)) void map_from_reserve(struct thread* t) {
    u64 hart = t->hart->id;
    page_cache_drain_all(hart);
    for (u64 i = 0; i < DYNAMIC_PAGES; i++) {
        paddr_t pa = page_reserve_take(hart);
        if (pa == NO_PAGE) {
            panic("the reserve of hart %u is empty", hart);
        }
        page_cache_put(hart, pa);
    }
    t->policy[FROM_RESERVE] = 1;
    map_from_cache(t, hart);
}

PROBED void claims_interrupt_entry(struct thread* t) { map_from_reserve(t); }

void policy_enter_from_user(struct thread* t) {
    if ((long)csr_read(scause) < 0) {
        claims_interrupt_entry(t);
    } else {
        policy_map(t);
    }
}

void policy_exit_to_user(struct thread* t) {
    u64 hart = t->hart->id;
    policy_unmap(t);
    if (t->policy[FROM_RESERVE]) {
        t->policy[FROM_RESERVE] = 0;
        for (u64 i = 0; i < DYNAMIC_PAGES; i++) {
            page_reserve_return(hart, *page_cache_take(hart, 1));
        }
    }
}
"""
_REPLENISH = "    page_reserve_refill(hart, DYNAMIC_PAGES);\n    page_cache_refill(hart);\n"
_RESCHEDULE = "    while (t->need_resched) {\n        local_irq_enable();\n"


def _kernel(reserve: int, refills: bool) -> tuple[Change, ...]:
    """Interrupts of user mode map from the reserve alone, which nothing else fills again.

    `refills`: what the exit does before it gives the hart away fills it.
    """
    refill = f"        page_reserve_refill(t->hart->id, {reserve});\n" if refills else ""
    init = "{ page_reserve_refill(hart->id, DYNAMIC_PAGES); }"
    return (
        Change("policies/p4.h", _ENTER + _EXIT, _FROM_RESERVE),
        Change("policies/p4.h", _REPLENISH, "    page_cache_refill(hart);\n"),
        Change("policies/p4.h", init, init.replace("DYNAMIC_PAGES", str(reserve))),
        Change(
            "kernel/trap.c",
            '#include "policy.h"\n',
            '#include "page_cache.h"\n#include "policy.h"\n',
        ),
        Change(
            "kernel/trap.c",
            _RESCHEDULE,
            "    while (t->need_resched) {\n" + refill + "        local_irq_enable();\n",
        ),
    )


def _trial(reserve: int, refills: bool) -> Trial:
    op = Op(OpKind.CALL, user_work=12_000, depth=SHALLOW)
    workload = Workload((Thread(0, (op, EXIT)),) * _THREADS, ("call",), tick_interval=_TICK)
    return trial(
        "P4",
        "computing-threads",
        workload,
        changes=_kernel(reserve, refills),
        spans=(_ENTRY,),
        may_fail=True,
    )


def measure(lab: Lab) -> Figures:
    keys = [(reserve, refills) for refills in (False, True) for reserve in _RESERVES]
    runs = dict(zip(keys, lab.run([_trial(*key) for key in keys]), strict=True))
    return {
        "threads": _THREADS,
        "reserves": {
            str(reserve): {
                "completed_without_refill": runs[reserve, False]["status"] == "pass",
                "entries_until_empty": runs[reserve, False]["spans"][_ENTRY.name]["count"],
                "console_without_refill": runs[reserve, False]["console"][-1:],
                "completed_with_refill_before_rescheduling": runs[reserve, True]["status"]
                == "pass",
            }
            for reserve in _RESERVES
        },
    }


def decide(figures: Figures) -> Decision:
    reserves = figures["reserves"]
    lasts = {size: row["entries_until_empty"] for size, row in reserves.items()}
    because = (
        "a thread that is ticked in user mode and preempted on its way back keeps its pages: "
        + ", ".join(
            f"a reserve of {size} "
            + (
                "lasts for all"
                if row["completed_without_refill"]
                else f"is empty after {lasts[size]}"
            )
            + f" of {figures['threads']} threads"
            for size, row in reserves.items()
        )
        + "; filled before the hart is given away, one of 3 "
        + ("lasts" if reserves["3"]["completed_with_refill_before_rescheduling"] else "does not")
    )
    if reserves["3"]["completed_without_refill"]:
        return holds(because)
    cured = reserves["3"]["completed_with_refill_before_rescheduling"]
    return limited(because) if cured else refuted(because)


def evidence(_lab: Lab, figures: Figures) -> list[str]:
    return [
        f"schedule: threads 1 to {figures['threads']} compute in user mode; a tick maps 3 pages of "
        "the reserve for thread 1, its exit work schedules, thread 2 runs, the next tick finds the "
        f"reserve empty ({' '.join(figures['reserves']['3']['console_without_refill'])})"
    ]


CLAIM = Claim(
    text="Three reserved pages per CPU suffice for entries with interrupts off.",
    origin="T5",
    decided_by="holds if k > the threads that can be ticked between two refills; report k",
    note="limited where a refill between the tick and the switch makes three pages suffice. Traps "
    "that nest in such an entry come from the kernel and map nothing: three pages are the most "
    "that one entry has outstanding.",
    measure=measure,
    decide=decide,
    evidence=evidence,
)
