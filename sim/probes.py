"""What to watch in a kernel image: phases, counters and memory, found by symbol.

A phase lies between two symbols; `sim.job.PhaseProbe` says how its ends are read from the retire
port. An image that lacks a symbol does not perform the phase. Nothing here is tied to our own
kernel but the names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .errors import UserError
from .job import PhaseEnd, PhaseProbe, Watch, WatchKind


@dataclass(frozen=True)
class Symbol:
    """Address and size of an ELF symbol; labels have size 0."""

    address: int
    size: int


@dataclass(frozen=True)
class _Phase:
    name: str
    begin: str
    end: str
    end_kind: PhaseEnd
    begin_at_trap: bool = False
    unless: str | None = None


_PHASES = (
    _Phase(
        "trap_entry", "handle_exception", "trap_entry_done", PhaseEnd.BEFORE, True,
        unless="stack_fault_sret",
    ),
    _Phase("map", "policy_map", "policy_map", PhaseEnd.RETURN),
    _Phase(
        "invalidate", "local_flush_tlb_kernel_range", "local_flush_tlb_kernel_range",
        PhaseEnd.RETURN,
    ),
    _Phase(
        "stack_fault", "handle_exception", "stack_fault_sret", PhaseEnd.AFTER, True,
        unless="trap_entry_done",
    ),
    _Phase("unmap", "policy_unmap", "policy_unmap", PhaseEnd.RETURN),
    _Phase("trap_exit", "ret_from_exception", "trap_exit_sret", PhaseEnd.AFTER),
    _Phase("switch", "context_switch", "finish_task_switch", PhaseEnd.RETURN),
    _Phase("ipi", "remote_fence", "remote_fence", PhaseEnd.RETURN),
    # A kernel has one of the two.
    _Phase("reclaim", "policy_reclaim", "policy_reclaim", PhaseEnd.RETURN),
    _Phase("reclaim", "policy_periodic_scan", "policy_periodic_scan", PhaseEnd.RETURN),
)  # fmt: skip

PHASE_NAMES = tuple(dict.fromkeys(phase.name for phase in _PHASES))
"""In the order in which a kernel entry meets them."""

SYSCALLS = "syscalls"
_COUNTERS = {SYSCALLS: "syscall_done"}
MIGRATIONS, IPIS = "migrations", "ipis"
_OPTIONAL_COUNTERS = {MIGRATIONS: "migrate", IPIS: "ipi_send"}

STACK_PAGES, THREADS = "stack", "threads"
CACHE_PAGES, INBOX_PAGES, RESERVE_PAGES = "cache", "inbox", "reserve"
SET_ASIDE_PAGES = "set_aside"
PAGES_RETURNED, CACHE_REFILLS, CACHE_DRAINS = "pages_returned", "cache_refills", "cache_drains"
DAMAGED_FRAMES = "damaged_frames"
_WATCHES = (
    (STACK_PAGES, WatchKind.VALID_PTES, "kstack_pt"),
    (THREADS, WatchKind.SUM, "nr_threads"),
)
# A kernel may do without them.
_OPTIONAL_WATCHES = (
    (CACHE_PAGES, WatchKind.SUM, "page_cache_count"),
    (INBOX_PAGES, WatchKind.SUM, "page_inbox_count"),
    (RESERVE_PAGES, WatchKind.SUM, "page_reserve_count"),
    (SET_ASIDE_PAGES, WatchKind.SUM, "page_set_aside_count"),
    (PAGES_RETURNED, WatchKind.SUM, "page_cache_returned"),
    (CACHE_REFILLS, WatchKind.SUM, "page_cache_refills"),
    (CACHE_DRAINS, WatchKind.SUM, "page_cache_drains"),
    (DAMAGED_FRAMES, WatchKind.SUM, "damaged_frames"),
)
GROWING = (PAGES_RETURNED, CACHE_REFILLS, CACHE_DRAINS, DAMAGED_FRAMES)
"""Watches that count events: what they grow by in the window is how many there were."""

_PAGE_LISTS = ("page_caches",)
"""Where a kernel keeps addresses of pages that nobody owns; for the translation oracle."""

_WINDOW = ("workload_begin", "workload_end")


@dataclass(frozen=True)
class Probes:
    """The part of a `sim.job.Job` that reads a kernel image."""

    phases: tuple[PhaseProbe, ...]
    counters: tuple[tuple[str, int], ...]
    watches: tuple[Watch, ...]
    page_lists: tuple[tuple[int, int], ...]
    window: tuple[int, int]

    @property
    def phase_names(self) -> tuple[str, ...]:
        """Names by the index that samples carry."""
        return tuple(phase.name for phase in self.phases)


def phases(symbols: Mapping[str, Symbol]) -> tuple[PhaseProbe, ...]:
    """Return the phases that an image with these symbols performs."""
    found = []
    for phase in _PHASES:
        if phase.begin in symbols and phase.end in symbols:
            unless = symbols.get(phase.unless) if phase.unless else None
            found.append(
                PhaseProbe(
                    phase.name,
                    symbols[phase.begin].address,
                    symbols[phase.end].address,
                    phase.end_kind,
                    phase.begin_at_trap,
                    unless.address if unless else None,
                )
            )
    return tuple(found)


def kernel_probes(symbols: Mapping[str, Symbol], image: str) -> Probes:
    """Return everything that measuring needs, or raise UserError that names missing symbols."""
    needed = (*_WINDOW, *_COUNTERS.values(), *(symbol for _, _, symbol in _WATCHES))
    missing = [name for name in needed if name not in symbols]
    if missing:
        raise UserError(
            f"{image} cannot be measured: it has no symbol {', '.join(missing)}; "
            "docs/measuring.md lists the symbols that a kernel must have"
        )
    return Probes(
        phases(symbols),
        tuple(
            (name, symbols[symbol].address)
            for name, symbol in (*_COUNTERS.items(), *_OPTIONAL_COUNTERS.items())
            if symbol in symbols
        ),
        tuple(
            Watch(name, kind, symbols[symbol].address, symbols[symbol].size)
            for name, kind, symbol in (*_WATCHES, *_OPTIONAL_WATCHES)
            if symbol in symbols
        ),
        tuple(
            (symbols[name].address, symbols[name].size) for name in _PAGE_LISTS if name in symbols
        ),
        (symbols[_WINDOW[0]].address, symbols[_WINDOW[1]].address),
    )
