"""H3: whether a local fence where pages are mapped is enough."""

from __future__ import annotations

from sim.workload.builtin import DIRECTED
from sim.workload.threads import Op, OpKind, Thread, Workload

from .claim import Claim, Decision, Figures, holds, limited, refuted
from .lab import Lab
from .trial import Trial, trial
from .workloads import EXIT, SHALLOW, depth_of_pages

_ROUNDS = 40


def at_home() -> Workload:
    """Threads that enter, sleep and leave on one hart, others between: every depth, both harts."""

    def ops(number: int) -> tuple[Op, ...]:
        calls = [
            Op(OpKind.CALL, user_work=20, depth=depth_of_pages(1 + (number + turn) % 4))
            for turn in range(_ROUNDS)
        ]
        sleeps = [
            Op(OpKind.SLEEP, depth=depth_of_pages(4), sleep_depth=SHALLOW, sleep_ticks=20 + number)
            for _ in range(_ROUNDS // 4)
        ]
        return (*calls[: _ROUNDS // 2], *sleeps, *calls[_ROUNDS // 2 :], EXIT)

    threads = tuple(Thread(number % 2, ops(number), home=number % 2) for number in range(6))
    return Workload(threads, ("call",), tick_interval=50, pinned=True, harts=2)


def stays() -> Trial:
    return trial("P4", "at-home", at_home(), harts=2)


def migrates() -> Trial:
    return trial("P4", "h31", DIRECTED["h31"](), harts=2)


def measure(lab: Lab) -> Figures:
    home, away = lab.run([stays(), migrates()])
    return {
        "stale_at_home": home["stale_accesses"],
        "translations_checked_at_home": home["translations"]["checked"],
        "visits_at_home": home["phases"]["map"]["count"],
        "stale_after_migration": away["stale_accesses"],
        "damaged_frames_after_migration": away["damaged_frames"],
    }


def decide(figures: Figures) -> Decision:
    home, away = figures["stale_at_home"], figures["stale_after_migration"]
    because = (
        f"threads that stay: {home} stale accesses in {figures['visits_at_home']:,} visits to the "
        f"kernel; a thread that sleeps in the kernel and wakes on another hart: {away}, and "
        f"{figures['damaged_frames_after_migration']} stack frames of others damaged"
    )
    if home:
        return refuted(because)
    return limited(because) if away else holds(because)


def evidence(lab: Lab, figures: Figures) -> list[str]:
    one = stays() if figures["stale_at_home"] else migrates()
    return [lab.window("H3", one, "stale:0", margin=200)]


CLAIM = Claim(
    text="No flush is needed where pages are unmapped, only a local invalidation where they are "
    "mapped.",
    origin="T9",
    decided_by="limited if (a) = 0 and (b) > 0; refuted if (a) > 0; holds if both 0: (a) stale "
    "accesses where threads enter and leave on one hart, with other visits in between; (b) where "
    "a thread migrates between entry and exit",
    measure=measure,
    decide=decide,
    evidence=evidence,
)
