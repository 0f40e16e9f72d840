"""H5: translations of stack pages that nobody asked for."""

from __future__ import annotations

from sim.workload.threads import Op, OpKind, Thread, Workload

from .claim import Claim, Decision, Figures, holds, limited, refuted
from .lab import Lab
from .trial import Change, Trial, trial
from .workloads import EXIT, SHALLOW, depth_of_pages

_POLICIES = {"P2": "svadu", "P3": "rocket", "P8": "svadu"}
_SEEDS = {"P2": (1,), "P3": (1, 2, 3), "P8": (1,)}
"""Of the option. Pages of P2 and P8 that were accessed stay: there is little to find."""
_HARTS = 2
_ON_ARRIVAL = (
    "    if (!(next->stack_fenced_on & bit)) {\n"
    "        next->stack_fenced_on |= bit;\n"
    "        fence_kernel_range(next->stack, stack_top(next));\n"
    "    }\n"
)
_MAPPING = "    if (t->stack_fenced_on) {\n        local_flush_tlb_kernel_range("
_FILES = {"P2": "policies/p2.h", "P3": "policies/p3.h", "P8": "policies/p2.h"}


def _own_fences(policy: str) -> tuple[Change, ...]:
    """A kernel without the fence where a thread arrives: the policy fences where it maps."""
    return (
        Change("kernel/sched.c", _ON_ARRIVAL, "    next->stack_fenced_on |= bit;\n"),
        Change(_FILES[policy], _MAPPING, _MAPPING.replace("t->stack_fenced_on", "true")),
    )


def leaving_home() -> Workload:
    """Threads that get other pages while a neighbour computes elsewhere, and then go there.

    A wanderer of hart 0 sleeps with all pages in use, while its neighbours call the kernel on
    hart 1, which may fill its translations; sleeps with one page, while residents of hart 0 take
    the others; gets new pages, and wakes in the depth of them on hart 1, where it has never been.
    The neighbours have ended by then: the option would fill what is new over what is stale.
    """

    def sleep(asleep: int, ticks: int, harts: int = 0) -> Op:
        depth = depth_of_pages(4)
        return Op(OpKind.SLEEP, depth=depth, sleep_depth=asleep, sleep_ticks=ticks, harts=harts)

    deep = depth_of_pages(4)
    wanderer = Thread(
        0, (sleep(deep, 1_200), sleep(SHALLOW, 1_600), sleep(deep, 800, harts=1), EXIT), home=0
    )
    call = Op(OpKind.CALL, user_work=50, depth=SHALLOW)
    neighbour = Thread(0, (*(call,) * 100, EXIT), home=1)
    resident = Thread(0, (sleep(deep, 4_000), EXIT), home=0, start_delay=1_700)
    # Stacks lie in pairs within reach of each other: whichever two are one, a pair is mixed.
    threads = (wanderer, neighbour, wanderer, neighbour, resident, resident)
    return Workload(threads, ("sleep",), pinned=True, counts_damage=True, harts=_HARTS)


def _trial(policy: str, seed: int, *, changed: bool = True) -> Trial:
    return trial(
        policy,
        "leaving-home",
        leaving_home(),
        harts=_HARTS,
        on=_POLICIES[policy],
        straps={"speculative_walk_seed": seed},
        changes=_own_fences(policy) if changed else (),
        may_fail=True,
    )


def measure(lab: Lab) -> Figures:
    keys = [(policy, seed) for policy, seeds in _SEEDS.items() for seed in (0, *seeds)]
    runs = dict(zip(keys, lab.run([_trial(*key) for key in keys]), strict=True))
    cured = lab.run([_trial(policy, _SEEDS[policy][0], changed=False) for policy in _POLICIES])
    return {
        "stale_accesses": {
            policy: {
                "plain": runs[policy, 0]["stale_accesses"],
                "seeded": [runs[policy, seed]["stale_accesses"] for seed in _SEEDS[policy]],
            }
            for policy in _POLICIES
        },
        "stale_accesses_with_a_fence_on_arrival": {
            policy: run["stale_accesses"] for policy, run in zip(_POLICIES, cured, strict=True)
        },
    }


def decide(figures: Figures) -> Decision:
    stale = figures["stale_accesses"]
    cured = figures["stale_accesses_with_a_fence_on_arrival"]
    because = (
        "stale accesses after the policy's own fences, plain hart and seeds of the option: "
        + "; ".join(
            f"{policy} {row['plain']} and {', '.join(map(str, row['seeded']))}"
            for policy, row in stale.items()
        )
        + f"; with a fence where threads arrive {', '.join(f'{p} {n}' for p, n in cured.items())}"
    )
    plain = any(row["plain"] for row in stale.values())
    seeded = any(any(row["seeded"]) for row in stale.values())
    if seeded and not plain:
        return holds(because)
    return limited(because) if seeded else refuted(because)


def evidence(lab: Lab, figures: Figures) -> list[str]:
    for policy, row in figures["stale_accesses"].items():
        if row["plain"]:
            return [lab.window("H5", _trial(policy, 0), "stale:0", margin=200)]
    return [lab.window("H5", _trial("P3", _SEEDS["P3"][0]), "phase:map:2", margin=200)]


CLAIM = Claim(
    text="Speculation or prefetch on other harts can cache stack PTEs without any architectural "
    "access.",
    origin="X6, A4, AN1",
    decided_by="holds if the option yields any stale access and the plain hart none",
    note="Kernels in which only the policy fences, where it maps: the fence that this kernel makes "
    "where a thread arrives is taken out, and measured apart. The option fills leaves that have A "
    "set and no others, so that P2 and P8 are not tried with what X6 fears most, an entry that is "
    "filled with A clear. limited where the plain hart has stale accesses too.",
    measure=measure,
    decide=decide,
    evidence=evidence,
)
