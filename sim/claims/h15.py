"""H15: traps from the kernel that start on another stack."""

from __future__ import annotations

from sim.job import PhaseEnd
from sim.workload.threads import Op, OpKind, Thread, Workload

from .claim import Claim, Decision, Figures, holds, refuted
from .h16 import entry_cycles, spinning
from .lab import Lab
from .reading import Span
from .trial import trial
from .workloads import EXIT

_FAULTS = 120
_DEPTH = 1264
"""Of an anonymous page fault on Linux, in bytes (data/linux-6.1-riscv64-kernel-stack-depth)."""
_MORE_THAN = 0.05
_WHOLE = Span("fault", "handle_exception", "trap_exit_sret", PhaseEnd.AFTER, begin_at_trap=True)


def measure(lab: Lab) -> Figures:
    ops = (*(Op(OpKind.FAULT, user_work=20, depth=_DEPTH),) * _FAULTS, EXIT)
    workload = Workload((Thread(0, ops),), ("fault",))
    (run,) = lab.run([trial("P0", "faults", workload, spans=(_WHOLE,))])
    entries = entry_cycles(lab)
    extra = entries["P1-trapstack"]["median"] - entries["P1"]["median"]
    whole = run["spans"]["fault"]["median"]
    return {
        "entry_from_the_kernel": entries,
        "fault_cycles": {name: run["spans"]["fault"][name] for name in ("min", "median", "max")},
        "extra_cycles": extra,
        "share_of_a_fault": round(extra / whole, 3),
    }


def decide(figures: Figures) -> Decision:
    because = (
        f"a trap that starts on a stack of the hart and copies its frame takes "
        f"{figures['extra_cycles']} cycles more than one with a comparison, "
        f"{figures['share_of_a_fault']:.1%} of a page fault of {figures['fault_cycles']['median']}"
    )
    return holds(because) if figures["share_of_a_fault"] > _MORE_THAN else refuted(because)


def evidence(lab: Lab, _figures: Figures) -> list[str]:
    return [lab.window("H15", spinning("P1-trapstack"), "phase:trap_entry:20", margin=60)]


CLAIM = Claim(
    text="Moving faults that are not for the stack off the special stack costs noticeably.",
    origin="AN2, X7",
    decided_by="holds if the move costs over 5 % of a uaccess fault",
    note="The extra cycles are P1-trapstack's at a trap from the kernel over P1's. This kernel "
    "does not touch user memory: a fault of user code, whole, as deep as Linux's, stands for the "
    "uaccess fault that the extra cycles are a share of.",
    measure=measure,
    decide=decide,
    evidence=evidence,
)
