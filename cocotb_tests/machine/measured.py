"""What must hold for the figures of a policy on one hart, whatever the workload."""

from __future__ import annotations

import pytest

from sim.job import CAUSES
from sim.workload.threads import SYSTEM_CALLS, Workload

ENTERS = {"trap_entry", "trap_exit", "switch"}
MAPS = {*ENTERS, "map", "invalidate"}
PERFORMED = {
    "P0": ENTERS,
    "P1": {*MAPS, "stack_fault"},
    "P1-pool": {*MAPS, "stack_fault"},
    "P1-reserve": {*MAPS, "stack_fault"},
    "P1-trapstack": {*MAPS, "stack_fault"},
    "P2": {*MAPS, "stack_fault", "unmap"},
    "P2-atomic": {*MAPS, "stack_fault", "unmap"},
    "P3": {*MAPS, "unmap"},
    "P3-margin": {*MAPS, "unmap"},
    "P4": {*MAPS, "unmap"},
    "P5": {*MAPS, "unmap"},
    "P5-keep": MAPS,
    "P6-call": {*MAPS, "stack_fault"},
    "P6-entry": {*MAPS, "stack_fault"},
    "P6-irqoff": {*MAPS, "stack_fault"},
    "P7": {*MAPS, "stack_fault", "reclaim"},
    "P7-accessed": {*MAPS, "stack_fault", "reclaim"},
    "P8": {*MAPS, "stack_fault", "unmap"},
    "P8-shrinker": {*ENTERS, "stack_fault", "invalidate"},
    "P9": ENTERS,
    "P10": {*MAPS, "unmap"},
    "P11-pending": {*MAPS, "stack_fault"},
    "P12": {*MAPS, "stack_fault", "unmap"},
}
"""Phases of which a workload with every kind of entry has at least one."""


def check(policy: str, summary: dict, workload: Workload) -> None:
    """Fail where a summary of `measure` is not what the policy promises."""
    # The exit of a thread does not return, so it completes no call.
    assert summary["syscalls"] == workload.count(*SYSTEM_CALLS)
    phases = summary["phases"]
    assert {name for name in phases if phases[name]["count"]} == PERFORMED[policy]
    _check_causes(summary)
    _check_memory(policy, summary)
    if policy == "P4":
        counts = {phases[name]["count"] for name in ("map", "invalidate", "unmap")}
        assert len(counts) == 1
        assert phases["map"]["fences"] == 3 * phases["map"]["count"]
    # No policy uses a translation that has ended.
    translations = summary["translations"]
    assert translations["checked"] > 100_000
    nothing = {"before_fence": 0, "after_fence": 0}
    assert translations["stale"] == translations["harmful"] == nothing
    assert translations["spurious_faults"]["after_fence"] == 0
    assert summary["stale_accesses"] == 0
    assert summary["findings"] == []


def _check_causes(summary: dict) -> None:
    """Causes add up to the cycles of every phase, and of the run."""
    for name, phase in summary["phases"].items():
        assert set(phase["stalls"]) <= set(CAUSES)
        assert sum(phase["stalls"].values()) == phase["cycles"], name
        if phase["count"]:
            assert phase["min"] <= phase["median"] <= phase["p90"] <= phase["max"]
    cycles = summary["kernel_cycles"] + summary["user_cycles"] + summary["idle_cycles"]
    assert sum(summary["stalls"].values()) == cycles


def _check_memory(policy: str, summary: dict) -> None:
    if policy == "P0":
        # Not exactly 16: a thread is counted a moment after its first page is mapped.
        assert summary["stack_kib_per_thread"] == pytest.approx(16, rel=1e-3)
        assert summary["cached_kib_per_thread"] == summary["reserved_kib_per_thread"] == 0
    elif policy == "P1":
        assert summary["mapped_kib_per_thread"] < 16
    elif policy == "P4":
        assert summary["cached_kib_per_thread"] > 0
    elif policy == "P9":
        # Registers of threads that have no stack.
        assert summary["reserved_kib_per_thread"] > 0
