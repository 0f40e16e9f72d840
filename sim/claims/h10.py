"""H10: whether page caches drift when threads migrate."""

from __future__ import annotations

from itertools import pairwise

from sim.workload.draws import Draws
from sim.workload.threads import Op, OpKind, Thread, Workload

from .claim import Claim, Decision, Figures, holds, limited, refuted
from .lab import Lab, Reading
from .trial import Change, Trial, trial
from .workloads import EXIT, depth_of_pages

_HARTS, _THREADS = 4, 12
_LENGTHS = (8, 16, 32)
"""Sleeps of each thread."""
_POLICIES = {"P4-local": "policies/p4_local.c", "P4": "policies/p4.c"}
_SWITCH_IN = "    map_at_first_run(next);\n"
_FENCE = """\
    if (next->has_run && next->hart != this_hart() && !next->kernel_thread) {
        local_flush_tlb_kernel_range(next->stack, next->stack + DYNAMIC_PAGES * PAGE_SIZE);
    }
"""
"""P4-migfence's: without it threads that migrate damage each other's stacks (H31)."""
_GROWS = 1.25
"""Times the variance of the run before, each time the length doubles."""


def wandering(sleeps: int) -> Workload:
    """Sleepers, deep in the kernel, that wake on a hart drawn at random."""
    draws = Draws(7)
    depth = depth_of_pages(4)

    def op() -> Op:
        return Op(
            OpKind.SLEEP,
            user_work=draws.between(20, 400),
            depth=depth,
            sleep_depth=depth_of_pages(3),
            sleep_ticks=draws.between(20, 120),
            harts=draws.below(_HARTS),
        )

    threads = tuple(Thread(0, (*(op() for _ in range(sleeps)), EXIT)) for _ in range(_THREADS))
    return Workload(threads, ("sleep",), tick_interval=1_000, pinned=True, harts=_HARTS)


def _trial(policy: str, sleeps: int) -> Trial:
    return trial(
        policy,
        f"wandering-{sleeps}",
        wandering(sleeps),
        harts=_HARTS,
        changes=(Change(_POLICIES[policy], _SWITCH_IN, _FENCE + _SWITCH_IN),),
    )


def _variance(run: Reading) -> float:
    means = [run["watches"][f"cache-{hart}"]["mean"] for hart in range(_HARTS)]
    middle = sum(means) / _HARTS
    return round(sum((mean - middle) ** 2 for mean in means) / _HARTS, 3)


def measure(lab: Lab) -> Figures:
    keys = [(policy, sleeps) for policy in _POLICIES for sleeps in _LENGTHS]
    runs = dict(zip(keys, lab.run([_trial(*key) for key in keys]), strict=True))
    found: Figures = {}
    for policy in _POLICIES:
        longest = runs[policy, _LENGTHS[-1]]
        found[policy] = {
            "variance_of_pages_by_length": [_variance(runs[policy, n]) for n in _LENGTHS],
            "pages_by_hart": [
                round(longest["watches"][f"cache-{hart}"]["mean"], 2) for hart in range(_HARTS)
            ],
            **{
                f"{name}_by_length": [runs[policy, n][name] for n in _LENGTHS]
                for name in ("cache_refills", "cache_drains", "pages_returned")
            },
            "coherence_cycles_per_call": round(
                longest["stalls"].get("coherence", 0) / longest["syscalls"], 1
            ),
        }
    return found


def _grows(variances: list[float]) -> bool:
    return all(after > _GROWS * before for before, after in pairwise(variances))


def decide(figures: Figures) -> Decision:
    parts = []
    for policy in _POLICIES:
        row = figures[policy]
        variances = ", ".join(f"{value:.1f}" for value in row["variance_of_pages_by_length"])
        parts.append(
            f"{policy}: variance {variances} pages^2, "
            f"{row['cache_refills_by_length'][-1]} "
            f"refills, {row['cache_drains_by_length'][-1]} drains and "
            f"{row['pages_returned_by_length'][-1]} pages returned in the longest"
        )
    because = f"runs of {', '.join(map(str, _LENGTHS))} sleeps a thread; " + "; ".join(parts)
    local, returned = (_grows(figures[p]["variance_of_pages_by_length"]) for p in _POLICIES)
    if local and not returned:
        return holds(because)
    return limited(because) if local else refuted(because)


def evidence(lab: Lab, _figures: Figures) -> list[str]:
    return [lab.window("H10", _trial("P4-local", _LENGTHS[0]), "phase:unmap:40", margin=200)]


CLAIM = Claim(
    text='Page caches of harts drift ("pumping") when threads migrate; returning pages to the hart '
    "of their origin fixes it.",
    origin="DL1, T9",
    decided_by="holds if occupancy variance over harts grows with run length without origin return "
    "and not with it",
    note="grows: by more than a quarter each time the run is twice as long. limited where it grows "
    "in both. Caches hold 12 pages at most here: what a drift would leave are refills and drains. "
    "Both fence where a thread arrives, as P4-migfence does: threads migrate all the time here.",
    measure=measure,
    decide=decide,
    evidence=evidence,
)
