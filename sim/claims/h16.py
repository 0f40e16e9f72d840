"""H16: what a check before the first store costs."""

from __future__ import annotations

from sim.workload.threads import Op, OpKind, Thread, ThreadKind, Workload

from .claim import Claim, Decision, Figures, holds, refuted
from .lab import Lab
from .trial import Trial, trial
from .workloads import EXIT, SHALLOW

_POLICIES = ("P0", "P1", "P1-trapstack")
_SPIN = 60_000
_TICK = 20


def spinning(policy: str) -> Trial:
    """A kernel thread that computes: its timer interrupts are traps from S-mode, and no other."""
    ops = (Op(OpKind.CALL, user_work=_SPIN, depth=SHALLOW), EXIT)
    workload = Workload((Thread(0, ops, ThreadKind.KERNEL),), ("spin",), tick_interval=_TICK)
    return trial(policy, "spinning-in-the-kernel", workload)


def entry_cycles(lab: Lab) -> dict[str, dict[str, int]]:
    """Cycles from the trap to the complete frame, by policy."""
    runs = lab.run([spinning(policy) for policy in _POLICIES])
    return {
        policy: {
            name: run["phases"]["trap_entry"][name]
            for name in ("count", "min", "median", "p90", "max")
        }
        for policy, run in zip(_POLICIES, runs, strict=True)
    }


def measure(lab: Lab) -> Figures:
    entries = entry_cycles(lab)
    base = entries["P0"]["median"]
    return {
        "entry_from_the_kernel": entries,
        "added_by_the_comparison": entries["P1"]["median"] - base,
        "added_by_the_stack_of_the_hart": entries["P1-trapstack"]["median"] - base,
    }


def decide(figures: Figures) -> Decision:
    check, switch = figures["added_by_the_comparison"], figures["added_by_the_stack_of_the_hart"]
    because = (
        "a trap from the kernel takes "
        f"{figures['entry_from_the_kernel']['P0']['median']} cycles "
        f"to its complete frame; the comparison adds {check}, the stack of the hart and the copy "
        f"add {switch}"
    )
    return holds(because) if check < switch else refuted(because)


def evidence(lab: Lab, _figures: Figures) -> list[str]:
    return [lab.window("H16", spinning("P1"), "phase:trap_entry:20", margin=60)]


CLAIM = Claim(
    text="The alternative to another stack for all traps is a check before the first store.",
    origin="LW",
    decided_by="figure: cycles added to every S-mode trap by each variant",
    note="holds: the check adds less than a stack switch at every trap, refuted: not.",
    measure=measure,
    decide=decide,
    evidence=evidence,
)
