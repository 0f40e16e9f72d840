"""What is read off one trial, as JSON: the summary of `dynstack measure`, and a little more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.job import Job, JobResult, PhaseEnd, PhaseProbe, Watch, WatchKind
from sim.probes import PHASE_NAMES, Probes, Symbol
from sim.statistics import phase_summary
from sim.summary import phase_summaries, summarise

_CACHE_LINE = 64
_BY_HART = {"cache": "page_cache_count", "reserve": "page_reserve_count"}
"""Words of the kernel that each hart has one of, in a line of its own."""
_EVENTS_KEPT = ("icache_misses", "dcache_misses", "dtlb_misses", "itlb_misses", "nested_traps")
_CONSOLE_LINES = 6
PASSED = ("handle_exception", "trap_entry_done", "stack_fault_sret")
"""Instructions whose passages are counted: traps, their complete frames, stack faults handled."""


@dataclass(frozen=True)
class Span:
    """A phase between two symbols of the kernel, see `sim.job.PhaseProbe`."""

    name: str
    begin: str
    end: str
    end_kind: PhaseEnd = PhaseEnd.RETURN
    begin_at_trap: bool = False


def resolved(spans: Sequence[Span], symbols: Mapping[str, Symbol]) -> tuple[PhaseProbe, ...]:
    """Phases of an image; one that lacks a symbol does not perform the span."""
    return tuple(
        PhaseProbe(
            span.name,
            symbols[span.begin].address,
            symbols[span.end].address,
            span.end_kind,
            span.begin_at_trap,
        )
        for span in spans
        if span.begin in symbols and span.end in symbols
    )


def watches_by_hart(symbols: Mapping[str, Symbol], harts: int) -> tuple[Watch, ...]:
    """Watches of the words that each hart has one of, and of what a special kernel counts."""
    found = [
        Watch(f"{name}-{hart}", WatchKind.SUM, symbols[symbol].address + _CACHE_LINE * hart, 8)
        for name, symbol in _BY_HART.items()
        if symbol in symbols
        for hart in range(harts)
    ]
    found += [
        Watch(name, WatchKind.SUM, symbol.address, symbol.size)
        for name, symbol in symbols.items()
        if name.startswith("claim_")
    ]
    return tuple(found)


def read(
    identity: Mapping[str, object],
    probes: Probes,
    job: Job,
    result: JobResult,
    *,
    keep: Sequence[str],
    complete: bool,
) -> dict[str, Any]:
    """The reading of a trial.

    `passed` counts `PASSED`; `watches` holds mean, min, max and last of each watched word; `spans`
    summaries of the phases that the trial added; `samples` the passages of the phases in `keep`, a
    dictionary each with cycles and events. One that did not complete has no summary.
    """
    names = [phase.name for phase in job.phases]
    found: dict[str, Any] = {
        "status": result.status,
        "reason": result.reason,
        "console": result.console.splitlines()[-_CONSOLE_LINES:],
        "cycles": result.harts[0].cycles,
        "passed": {name: result.counters[name] for name in PASSED if name in result.counters},
        "spans": {},
        "samples": {},
    }
    for index, name in enumerate(names):
        samples = result.samples[result.samples["phase"] == index]
        if name in keep:
            found["samples"][name] = [
                {key: int(sample[key]) for key in ("cycles", *_EVENTS_KEPT)} for sample in samples
            ]
        if name not in PHASE_NAMES:
            found["spans"][name] = phase_summary(samples).as_dict()
    if complete:
        assert result.window is not None
        cycles = result.window[1] - result.window[0] + 1
        found["window_cycles"] = cycles
        found["watches"] = {
            name: {
                "mean": watch.integral / cycles,
                "min": watch.minimum,
                "max": watch.maximum,
                "last": watch.last,
            }
            for name, watch in result.watches.items()
        }
        found = {**summarise(identity, probes, result), **found}
    else:
        found["findings"] = len(result.findings)
        found["stale_accesses"] = result.translations.stale_accesses
        found["phases"] = {
            name: summary.as_dict() for name, summary in phase_summaries(probes, result).items()
        }
    return found
