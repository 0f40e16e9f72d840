"""H20: a hart whose reserve could not be filled again."""

from __future__ import annotations

from sim.workload.threads import Op, OpKind, Thread, Workload

from .claim import Claim, Decision, Figures, holds, limited, refuted
from .lab import Lab
from .trial import Change, Trial, trial
from .workloads import EXIT, SHALLOW, depth_of_pages

_PER_HUNDRED = (0, 1, 10)
_THREADS = 120
_SEED = 12345
_RESERVES = {"P1": 3, "P1-reserve": 6}


def diving() -> Workload:
    """Threads that go deep once each, one after the other, among calls that do not."""
    shallow = Op(OpKind.CALL, user_work=20, depth=SHALLOW)

    def ops(number: int) -> tuple[Op, ...]:
        dive = Op(OpKind.CALL, user_work=20, depth=depth_of_pages(2 if number % 4 else 4))
        rest = Op(OpKind.SLEEP, depth=SHALLOW, sleep_depth=SHALLOW, sleep_ticks=10)
        return (shallow, dive, rest, shallow, shallow, EXIT)

    threads = tuple(Thread(0, ops(n), start_delay=120 * n) for n in range(_THREADS))
    return Workload(threads, ("call",), tick_interval=1_000)


def refills_fail(per_hundred: int) -> tuple[Change, ...]:
    """A kernel in which so many refills of a reserve in a hundred find no page, and that tells
    whether the reserve is whole."""
    refill = "__attribute__((noinline)) void page_reserve_refill(u64 hart, u64 wanted) {\n"
    count = "    while (page_reserve_count[hart].value < wanted) {\n"
    end = "        page_reserve_put(hart, pa);\n    }\n}\n\nvoid page_reserve_return("
    fails = (
        "    static u64 claims_draw = "
        f"{_SEED};\n"
        "    claims_draw = claims_draw * 6364136223846793005 + 1442695040888963407;\n"
        f"    if (live_threads && claims_draw % 32768 / 16 * 100 / 2048 < {per_hundred}) {{\n"
        "        return;\n    }\n"
    )
    return (
        Change("kernel/page_cache.c", refill + count, refill + fails + count),
        Change(
            "kernel/page_cache.c",
            end,
            end.replace("    }\n}", "    }\n    claim_depleted[hart].value = 0;\n}"),
        ),
        Change(
            "kernel/page_cache.c",
            "struct page_cache page_caches[NR_HARTS];",
            "struct page_cache page_caches[NR_HARTS];\n"
            "struct hart_word claim_depleted[NR_HARTS] WATCHED;",
        ),
        Change(
            "kernel/page_cache.h",
            "extern struct page_cache page_caches[NR_HARTS];",
            "extern struct page_cache page_caches[NR_HARTS];\n"
            "extern struct hart_word claim_depleted[NR_HARTS];",
        ),
        Change(
            "kernel/page_cache.h",
            "    return page_caches[hart].reserve[--page_reserve_count[hart].value];",
            "    claim_depleted[hart].value = 1;\n"
            "    return page_caches[hart].reserve[--page_reserve_count[hart].value];",
        ),
    )


def _trial(policy: str, per_hundred: int) -> Trial:
    return trial(policy, "diving", diving(), changes=refills_fail(per_hundred), may_fail=True)


def measure(lab: Lab) -> Figures:
    keys = [(policy, n) for policy in _RESERVES for n in _PER_HUNDRED]
    runs = dict(zip(keys, lab.run([_trial(*key) for key in keys]), strict=True))
    return {
        policy: {
            f"{n} %": {
                "share_of_time": round(run["watches"]["claim_depleted"]["mean"], 4),
                "fewest_pages": run["watches"]["reserve"]["min"],
                "completed": True,
            }
            if (run := runs[policy, n])["status"] == "pass"
            else {"share_of_time": None, "fewest_pages": 0, "completed": False}
            for n in _PER_HUNDRED
        }
        for policy in _RESERVES
    }


def _row(figures: dict) -> str:
    return ", ".join(
        f"{rate}: {row['share_of_time']:.2%}, fewest {row['fewest_pages']}"
        if row["completed"]
        else f"{rate}: the reserve was used up, and the run ended"
        for rate, row in figures.items()
    )


def decide(figures: Figures) -> Decision:
    because = "share of time with a reserve that is not whole, at refills that fail: " + "; ".join(
        f"{policy} {_row(rows)}" for policy, rows in figures.items()
    )
    at_worst = {policy: rows[f"{_PER_HUNDRED[-1]} %"] for policy, rows in figures.items()}
    if not at_worst["P1"]["completed"]:
        bigger = at_worst["P1-reserve"]["completed"]
        return limited(because) if bigger else holds(because)
    return refuted(because)


def evidence(lab: Lab, figures: Figures) -> list[str]:
    failed = [
        f"schedule: {policy}, {rate} of refills fail, {_THREADS} threads that dive once: used up"
        for policy, rows in figures.items()
        for rate, row in rows.items()
        if not row["completed"]
    ]
    return failed or [lab.window("H20", _trial("P1", 10), "phase:stack_fault:10", margin=200)]


CLAIM = Claim(
    text="The refill of the reserve at schedule() may be impossible.",
    origin="T2b, A2",
    decided_by="share of time with a depleted pool at refill failure rates 0, 1, 10 %",
    note="depleted: not whole, from the fault to the next refill that succeeds. holds: at 10 % the "
    "reserves of 3 and of 6 pages are used up; limited: only that of 3; refuted: neither. Failures "
    "are drawn from a fixed seed.",
    measure=measure,
    decide=decide,
    evidence=evidence,
)
