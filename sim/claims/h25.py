"""H25: P8 where the hardware does not set A."""

from __future__ import annotations

from .claim import Claim, Decision, Figures, holds, refuted
from .h12 import dives
from .lab import Lab
from .trial import Trial, trial

_THREADS = 16
_TOUCHES = 3 * _THREADS
"""First uses of a page: each thread goes once through the three that are not accessed."""
_PRESETS = ("rocket", "svadu")


def _trial(name: str) -> Trial:
    return trial("P8", f"dives-of-{_THREADS}", dives(_THREADS, 1), on=name)


def measure(lab: Lab) -> Figures:
    runs = dict(zip(_PRESETS, lab.run([_trial(name) for name in _PRESETS]), strict=True))
    traps = {name: run["phases"]["stack_fault"] for name, run in runs.items()}
    return {
        "first_touches": _TOUCHES,
        "traps": {name: phase["count"] for name, phase in traps.items()},
        "cycles_of_a_trap": traps["rocket"]["median"],
    }


def decide(figures: Figures) -> Decision:
    traps, touches = figures["traps"], figures["first_touches"]
    because = (
        f"{touches} first touches of a page: {traps['rocket']} traps without Svadu, of "
        f"{figures['cycles_of_a_trap']} cycles, and {traps['svadu']} with it"
    )
    return holds(because) if traps["rocket"] >= touches else refuted(because)


def evidence(lab: Lab, _figures: Figures) -> list[str]:
    return [lab.window("H25", _trial("rocket"), "phase:stack_fault:0", margin=200)]


CLAIM = Claim(
    text="Hansen's latch (P8) on Svade hardware degenerates to P1: a clear A bit traps.",
    origin="X3, X6",
    decided_by="holds if P8 without Svadu takes at least one trap per first touch of a page",
    measure=measure,
    decide=decide,
    evidence=evidence,
)
