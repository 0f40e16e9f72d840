"""Calls of one to four pages under P0 and P4: what H1 and H2 are about."""

from __future__ import annotations

from typing import Any

from .lab import Lab, Reading
from .trial import Trial, trial
from .workloads import depth_of_pages, repeated_calls

DEPTHS = (1, 2, 3, 4)
"""Pages."""
_CALLS = 200
_DEEPEST = DEPTHS[-1]


def _trial(policy: str, pages: int) -> Trial:
    workload = repeated_calls(depth_of_pages(pages), _CALLS)
    return trial(policy, f"calls-of-{pages}-pages", workload)


def sweep(lab: Lab) -> list[dict[str, Any]]:
    """A row for each depth: misses, walks and cycles per call, by policy."""
    pairs = [(policy, pages) for pages in DEPTHS for policy in ("P0", "P4")]
    readings = dict(zip(pairs, lab.run([_trial(*pair) for pair in pairs]), strict=True))
    return [
        {"pages": pages, **{policy: _per_call(readings[policy, pages]) for policy in ("P0", "P4")}}
        for pages in DEPTHS
    ]


def _per_call(run: Reading) -> dict[str, float]:
    calls = run["syscalls"]
    return {
        "dtlb_misses_per_call": round(run["dtlb_misses"] / calls, 3),
        "walks_per_call": round(run["walks"] / calls, 3),
        "walk_cycles_per_call": round(run["stalls"].get("dtlb_walk", 0) / calls, 1),
        "cycles_per_call": run["cycles_per_syscall"],
    }


def window_of_a_call(lab: Lab, claim: str) -> str:
    """The map phase of a deep call under P4, and the walks of the pages that it then uses."""
    return lab.window(claim, _trial("P4", _DEEPEST), f"phase:map:{_CALLS // 2}", margin=1_500)
