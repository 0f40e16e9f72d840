"""H19: the worst case of a hart's pool before it is filled again."""

from __future__ import annotations

from sim.workload.threads import Op, OpKind, Thread, Workload

from . import h20
from .claim import Claim, Decision, Figures, holds, limited, refuted, undecided
from .lab import Lab, Reading
from .trial import Change, Trial, trial
from .workloads import EXIT, SHALLOW, depth_of_pages

_SIZES = (1, 2, 3, 4)
_THREADS = 32
_FRAMES = (112, 2048, 4096)
"""Bytes: pages one at a time, and two at once where a frame crosses the end of a page."""
_TICK = 37
"""Ticks of mtime, 3,700 cycles: interrupts land on stacks of any depth."""
_USED_UP = "is used up"
"""What the kernel says that finds no page."""


def adversarial() -> Workload:
    """Threads that take all their pages and are followed at once by the next that does.

    Interrupts come all the time, on stacks of any depth; sleepers leave the hart at depths around
    the end of a page, so that what the switch still calls may need one more.
    """

    def ops(number: int) -> tuple[Op, ...]:
        frame = _FRAMES[number % len(_FRAMES)]
        around = 4096 * (1 + number % 2) - 64 + 16 * (number % 9)
        late = Op(OpKind.SLEEP, depth=around, sleep_depth=around, sleep_ticks=2, frame_bytes=frame)
        dive = Op(OpKind.YIELD, depth=depth_of_pages(4), frame_bytes=frame)
        shallow = Op(OpKind.YIELD, depth=SHALLOW)
        return (late, dive, shallow, EXIT) if number % 2 else (shallow, dive, late, EXIT)

    threads = tuple(Thread(number % 3, ops(number)) for number in range(_THREADS))
    return Workload(threads, ("call",), tick_interval=_TICK)


def _trial(size: int) -> Trial:
    fill = "page_reserve_refill(hart, DYNAMIC_PAGES)"
    changes = (Change("policies/p1.c", fill, fill.replace("DYNAMIC_PAGES", str(size))),)
    return trial("P1", "adversarial", adversarial(), changes=changes, may_fail=True)


def _outcome(run: Reading) -> str:
    if run["status"] == "pass":
        return "lasts"
    return "used up" if _USED_UP in " ".join(run["console"]) else run["status"]


def measure(lab: Lab) -> Figures:
    runs = dict(zip(_SIZES, lab.run([_trial(size) for size in _SIZES]), strict=True))
    failing = h20.measure(lab)
    return {
        "outcome_by_pages": {str(size): _outcome(run) for size, run in runs.items()},
        "stack_faults_by_pages": {
            str(size): run["phases"]["stack_fault"]["count"] for size, run in runs.items()
        },
        "completed_where_refills_fail": {
            policy: {rate: row["completed"] for rate, row in rows.items()}
            for policy, rows in failing.items()
        },
    }


def decide(figures: Figures) -> Decision:
    outcomes = figures["outcome_by_pages"]
    sizes = [int(size) for size, outcome in outcomes.items() if outcome == "lasts"]
    if not sizes or set(outcomes.values()) - {"lasts", "used up"}:
        words = ", ".join(f"{size} pages: {outcome}" for size, outcome in outcomes.items())
        return undecided(f"needs schedules that some pool lasts through ({words})")
    smallest = min(sizes)
    failing = figures["completed_where_refills_fail"]
    exhausted = [
        f"{policy} at {rate}"
        for policy, rows in failing.items()
        for rate, passed in rows.items()
        if not passed
    ]
    because = (
        f"the smallest pool that lasts through all schedules has {smallest} pages, as long as each "
        f"refill succeeds; of runs in which refills fail, exhausted: "
        f"{', '.join(exhausted) or 'none'}"
    )
    if smallest > 3:
        return holds(because)
    return limited(because) if exhausted else refuted(because)


def evidence(lab: Lab, _figures: Figures) -> list[str]:
    return [lab.window("H19", _trial(3), "phase:stack_fault:20", margin=300)]


CLAIM = Claim(
    text="The per-CPU pool can be exhausted: in the worst case by a chain of nested traps before "
    "schedule().",
    origin="GZ, A1, G1, X4",
    decided_by="smallest pool with no failure over the adversarial schedules",
    note="holds: the three pages of the series are exhausted although each refill succeeds; "
    "limited: only where refills fail (H20); refuted: in neither. Schedules are run, not all that "
    "there could be.",
    measure=measure,
    decide=decide,
    evidence=evidence,
)
