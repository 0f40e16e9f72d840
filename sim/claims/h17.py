"""H17: what stack probes cost."""

from __future__ import annotations

from .claim import Claim, Decision, Figures, holds, limited, refuted, shown, spread
from .lab import Lab
from .trial import Change, Trial, trial
from .workloads import measured

PLACEMENTS = {"P6-call": "every call", "P6-irqoff": "before interrupts go off", "P6-entry": "entry"}
_BASE = "P1"
_PADDING = (0, 320, 1216, 2752)
"""Bytes, whole lines: images that are alike but for where their code and data lie."""
_NOTICED = 0.01
_CALLS = 200


def _moved(padding: int) -> tuple[Change, ...]:
    """An image whose code, but for the first of it, and data lie so many bytes further on."""
    head, data = "        *(.text.head)\n", "    . = 0x80400000;\n    .data"
    return (
        Change("kernel.ld", head, f"{head}        . += {padding};\n"),
        Change("kernel.ld", data, data.replace(";", f" + {padding};", 1)),
    )


def _trial(policy: str, padding: int) -> Trial:
    workload = measured("find-grep", _CALLS, workers=4)
    return trial(policy, f"find-grep-{_CALLS}", workload, changes=_moved(padding))


def placements(lab: Lab) -> Figures:
    """Cost of each placement over P1, in cycles and instructions per call."""
    keys = [(policy, bytes_) for policy in (_BASE, *PLACEMENTS) for bytes_ in _PADDING]
    runs = dict(zip(keys, lab.run([_trial(*key) for key in keys]), strict=True))
    base = spread([runs[_BASE, bytes_]["cycles_per_syscall"] for bytes_ in _PADDING])
    found: Figures = {"cycles_per_call_of_P1": base, "placements": {}}
    for policy in PLACEMENTS:
        pairs = [(runs[policy, bytes_], runs[_BASE, bytes_]) for bytes_ in _PADDING]
        extra = [
            run["cycles_per_syscall"] - with_p1["cycles_per_syscall"] for run, with_p1 in pairs
        ]
        found["placements"][policy] = {
            "extra_cycles_per_call": spread(extra),
            "share_of_a_call": spread([cycles / base["median"] for cycles in extra], 4),
            "extra_instructions_per_call": spread(
                [
                    run["stalls"]["retiring"] / run["syscalls"]
                    - with_p1["stalls"]["retiring"] / with_p1["syscalls"]
                    for run, with_p1 in pairs
                ]
            ),
            "extra_dcache_misses_per_call": spread(
                [
                    (run["dcache_misses"] - with_p1["dcache_misses"]) / run["syscalls"]
                    for run, with_p1 in pairs
                ],
                2,
            ),
        }
    return found


def described(figures: Figures) -> str:
    """Sentence about the cost of each placement."""
    return (
        "; ".join(
            f"{PLACEMENTS[policy]}: {shown(row['extra_cycles_per_call'])} cycles, "
            f"{row['share_of_a_call']['min']:.1%} to {row['share_of_a_call']['max']:.1%}, and "
            f"{row['extra_instructions_per_call']['median']:.1f} instructions more"
            for policy, row in figures["placements"].items()
        )
        + f" than P1's call of {figures['cycles_per_call_of_P1']['median']:,.0f} cycles"
    )


def decide(figures: Figures) -> Decision:
    shares = [row["share_of_a_call"] for row in figures["placements"].values()]
    because = described(figures)
    if any(share["min"] >= _NOTICED for share in shares):
        return holds(because)
    noticed = any(share["max"] >= _NOTICED for share in shares)
    return limited(because) if noticed else refuted(because)


def evidence(lab: Lab, _figures: Figures) -> list[str]:
    return [lab.window("H17", _trial("P6-irqoff", 0), "phase:trap_exit:100", margin=200)]


CLAIM = Claim(
    text="A probe per call is a cache miss and slow, and a conditional branch is undesirable.",
    origin="DL1",
    decided_by="holds if any placement costs >= 1 % of cycles per call",
    note="Where the linker puts things moves cycles per call by as much as a probe: four images "
    "that differ in nothing else. limited: 1 % is reached in some of them only. P6-call calls its "
    "probe, for want of an inline one.",
    measure=placements,
    decide=decide,
    evidence=evidence,
)
