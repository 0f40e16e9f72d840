"""H28: reclaiming the stack of threads that go deep again."""

from __future__ import annotations

from sim.workload.draws import Draws
from sim.workload.threads import Op, OpKind, Thread, Workload

from .claim import Claim, Decision, Figures, holds, refuted
from .lab import Lab, Reading
from .trial import Trial, trial
from .workloads import EXIT, SHALLOW, depth_of_pages

_PERSISTENCE = (20, 50, 90)
"""Chance in a hundred that a deep call follows a deep call of the same thread."""
_DEEP_SHARE = 20
"""Deep calls in a hundred, at any persistence."""
_THREADS, _CALLS = 6, 60
_PAGES = 3
_ZEROED_PAGE = 4_300
"""Cycles to zero a page on Rocket, cold (data/rtl-microbenchmarks): what a fresh page costs."""


def two_states(persistence: int) -> Workload:
    """Threads that are shallow or deep from sleep to sleep, and stay as they are by chance."""
    draws = Draws(persistence)

    def ops() -> tuple[Op, ...]:
        deep, made = False, []
        for _ in range(_CALLS):
            # In balance as many threads become deep as cease to be.
            become = _DEEP_SHARE * (100 - persistence)
            deep = (
                draws.chance(persistence, 100)
                if deep
                else draws.chance(become, 100 * (100 - _DEEP_SHARE))
            )
            depth = depth_of_pages(4) if deep else SHALLOW
            made.append(
                Op(OpKind.SLEEP, user_work=20, depth=depth, sleep_depth=SHALLOW, sleep_ticks=20)
            )
        return (*made, EXIT)

    return Workload(tuple(Thread(0, ops()) for _ in range(_THREADS)), ("call",))


def _refault_rate(workload: Workload) -> float:
    pairs = [
        (before.depth > SHALLOW, after.depth > SHALLOW)
        for thread in workload.threads
        for before, after in zip(thread.ops, thread.ops[1:-1], strict=False)
    ]
    after_deep = [deep for was_deep, deep in pairs if was_deep]
    return sum(after_deep) / len(after_deep)


def _trial(policy: str, persistence: int) -> Trial:
    return trial(policy, f"two-states-{persistence}", two_states(persistence))


def _per_page(run: Reading) -> dict[str, float]:
    unmap, fault = run["phases"]["unmap"], run["phases"]["stack_fault"]
    return {
        "reclaim": round(unmap["cycles"] / (_PAGES * unmap["count"]), 1),
        "refault": round(fault["cycles"] / fault["count"], 1),
    }


def measure(lab: Lab) -> Figures:
    keys = [(policy, n) for policy in ("P1", "P12") for n in _PERSISTENCE]
    runs = dict(zip(keys, lab.run([_trial(*key) for key in keys]), strict=True))
    cost = {str(n): _per_page(runs["P12", n]) for n in _PERSISTENCE}
    dearest = max(row["reclaim"] + row["refault"] for row in cost.values())
    return {
        "refault_rate": {str(n): round(_refault_rate(two_states(n)), 3) for n in _PERSISTENCE},
        "cycles_per_page": cost,
        "extra_cycles_per_call": {
            str(n): round(
                runs["P12", n]["cycles_per_syscall"] - runs["P1", n]["cycles_per_syscall"], 1
            )
            for n in _PERSISTENCE
        },
        "kib_per_thread": {
            str(n): {policy: runs[policy, n]["stack_kib_per_thread"] for policy in ("P1", "P12")}
            for n in _PERSISTENCE
        },
        "break_even_reuse_probability": round(1 - dearest / _ZEROED_PAGE, 3),
    }


def decide(figures: Figures) -> Decision:
    even = figures["break_even_reuse_probability"]
    rows = figures["cycles_per_page"]
    because = (
        "reclaiming a page and faulting it in again takes "
        + ", ".join(
            f"{row['reclaim']:.0f} + {row['refault']:.0f} cycles at a refault rate of "
            f"{figures['refault_rate'][n]:.0%}"
            for n, row in rows.items()
        )
        + f"; against {_ZEROED_PAGE:,} for a fresh page it breaks even at a reuse probability of "
        f"{even:.0%}"
    )
    return holds(because) if even < 0.5 else refuted(because)


def evidence(lab: Lab, _figures: Figures) -> list[str]:
    return [lab.window("H28", _trial("P12", _PERSISTENCE[-1]), "phase:unmap:20", margin=200)]


CLAIM = Claim(
    text="Threads that go deep do so again, so that reclaiming their stack is not worthwhile.",
    origin="DL3, DL1",
    decided_by="refault rate and cost per reclaimed page; break-even reuse probability",
    note="A reclaimed page that is not used again spares somebody a fresh one, which costs zeroing "
    "it: the break-even is where both cost the same. holds below 50 %, where reclaiming loses "
    "against threads that go deep every other time, refuted above. Whether real threads go deep "
    "again was not measured: hardly any goes deep.",
    measure=measure,
    decide=decide,
    evidence=evidence,
)
