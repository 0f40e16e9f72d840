"""The summary of one run: the entry that `dynstack measure --json` has for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

import numpy as np

from .job import CAUSES, EVENTS, JobResult, TranslationCounts
from .probes import (
    CACHE_PAGES,
    GROWING,
    INBOX_PAGES,
    IPIS,
    MIGRATIONS,
    PHASE_NAMES,
    RESERVE_PAGES,
    SET_ASIDE_PAGES,
    STACK_PAGES,
    SYSCALLS,
    THREADS,
    Probes,
)
from .statistics import (
    SAMPLE_EVENTS,
    PhaseSummary,
    check_invariants,
    phase_summary,
    split_cycles,
    stack_memory,
)

DECIMALS = 3
"""Ratios are rounded, so that figures read the same wherever they are printed."""


def summarise(identity: Mapping[str, object], probes: Probes, result: JobResult) -> dict:
    """Return the summary of a finished run; `identity` says which one and comes first.

    Raises InvariantError where the figures contradict each other.
    """
    check_invariants(result, probes.phase_names)
    cycles = split_cycles(result.harts)
    watches = {name: watch.integral for name, watch in result.watches.items()}
    memory = stack_memory(
        mapped=watches[STACK_PAGES],
        cached=watches.get(CACHE_PAGES, 0) + watches.get(INBOX_PAGES, 0),
        reserved=watches.get(RESERVE_PAGES, 0) + watches.get(SET_ASIDE_PAGES, 0),
        threads=watches[THREADS],
    )
    syscalls = result.counters[SYSCALLS]

    def per_syscall(count: int) -> float | None:
        return round(count / syscalls, DECIMALS) if syscalls else None

    return {
        **identity,
        "syscalls": syscalls,
        "cycles_per_syscall": per_syscall(cycles.kernel),
        "user_cycles_per_syscall": per_syscall(cycles.user),
        "idle_cycles_per_syscall": per_syscall(cycles.idle),
        "kernel_cycles": cycles.kernel,
        "user_cycles": cycles.user,
        "idle_cycles": cycles.idle,
        "stack_kib_per_thread": round(memory.total, DECIMALS),
        "mapped_kib_per_thread": round(memory.mapped, DECIMALS),
        "cached_kib_per_thread": round(memory.cached, DECIMALS),
        "reserved_kib_per_thread": round(memory.reserved, DECIMALS),
        **{name: result.counters.get(name, 0) for name in (MIGRATIONS, IPIS)},
        **{name: _growth(result, name) for name in GROWING},
        "stale_accesses": result.translations.stale_accesses,
        "translations": translations(result.translations),
        "findings": [asdict(finding) for finding in result.findings],
        "stalls": window_stalls(result),
        **window_events(result),
        "nested_traps": int(result.samples["nested_traps"].sum(dtype=np.uint64)),
        "phases": {name: s.as_dict() for name, s in phase_summaries(probes, result).items()},
    }


def _growth(result: JobResult, name: str) -> int:
    watch = result.watches.get(name)
    return watch.last - watch.minimum if watch else 0


def translations(counts: TranslationCounts) -> dict:
    """What the translation oracle counted, as JSON has it."""

    def pair(of: tuple[int, int]) -> dict[str, int]:
        return {"before_fence": of[0], "after_fence": of[1]}

    return {
        "checked": counts.checked,
        "stale": pair(counts.stale),
        "harmful": pair(counts.harmful),
        "spurious_faults": pair(counts.spurious),
    }


def phase_summaries(probes: Probes, result: JobResult) -> dict[str, PhaseSummary]:
    """Summarise the phases that the image performs, in the order of a kernel entry."""
    indices = {name: index for index, name in enumerate(probes.phase_names)}
    return {
        name: phase_summary(result.samples[result.samples["phase"] == indices[name]])
        for name in PHASE_NAMES
        if name in indices
    }


def window_stalls(result: JobResult) -> dict[str, int]:
    """Cycles of the window by cause, all harts and privileges together."""
    totals = dict.fromkeys(CAUSES, 0)
    for hart in result.harts:
        for causes in hart.stalls.values():
            for cause, cycles in causes.items():
                totals[cause] += cycles
    return {cause: cycles for cause, cycles in totals.items() if cycles}


def window_events(result: JobResult) -> dict[str, int]:
    """Events of the window, all harts and privileges together."""
    return {
        name: sum(events[event] for hart in result.harts for events in hart.events.values())
        for name, event in zip(SAMPLE_EVENTS, EVENTS, strict=True)
    }
