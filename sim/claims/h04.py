"""H4: another hart that reads an object on a stack."""

from __future__ import annotations

from sim.workload.builtin import DIRECTED

from .claim import Claim, Decision, Figures, holds, limited, refuted
from .lab import Lab
from .trial import Trial, trial

WORKLOAD = "h4"
_FORMS = {"P4": "no remote fence", "P4-ipi": "fence at unmap", "P4-shared": "fence if shared"}


def queueing(policy: str) -> Trial:
    """Wait entries on stacks that another hart reads, under a policy."""
    workload = DIRECTED[WORKLOAD]()
    return trial(policy, WORKLOAD, workload, harts=workload.harts, may_fail=True)


def measure(lab: Lab) -> Figures:
    runs = dict(zip(_FORMS, lab.run([queueing(policy) for policy in _FORMS]), strict=True))
    return {"stale_accesses": {policy: run["stale_accesses"] for policy, run in runs.items()}}


def decide(figures: Figures) -> Decision:
    stale = figures["stale_accesses"]
    because = "stale accesses: " + ", ".join(
        f"{count} under {policy} ({_FORMS[policy]})" for policy, count in stale.items()
    )
    if not stale["P4"]:
        return refuted(because)
    return holds(because) if not stale["P4-ipi"] else limited(because)


def evidence(lab: Lab, figures: Figures) -> list[str]:
    place = "stale:0" if figures["stale_accesses"]["P4"] else "phase:unmap:0"
    return [lab.window("H4", queueing("P4"), place, margin=200)]


CLAIM = Claim(
    text="H3 is false once another hart dereferences an object on the stack.",
    origin="W4, DL2",
    decided_by="holds if (i), no remote fence, has > 0 stale accesses and (ii), a fence by IPI at "
    "unmap, 0; (iii), that fence only if the stack was shared, reported",
    note="limited where the fence does not remove them.",
    measure=measure,
    decide=decide,
    evidence=evidence,
)
