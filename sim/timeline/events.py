"""What the collector writes for a timeline, and how a kernel image asks for it.

sim/native/timeline.cpp writes events in the order of cycles. Everything comes from the trace ports
and from symbols; nothing is added to the program.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from rtl.dev import address_map
from rtl.dev.aclint import MSIP_OFFSET

from ..job import Job, TimelineProbe, Watch, WatchKind
from ..probes import CACHE_PAGES, RESERVE_PAGES, Symbol
from ..workload.threads import MAX_HARTS

EVENT = np.dtype(
    [
        ("cycle", "<u8"),
        ("kind", "<u2"),
        ("hart", "<u2"),
        ("index", "<u4"),
        ("a", "<u8"),
        ("b", "<u8"),
        ("c", "<u8"),
    ]
)
"""One event, little-endian and packed; `Kind` says what `index`, `a`, `b` and `c` are."""


class Kind(enum.IntEnum):
    """What an event tells, in the order of sim/native/timeline.hpp."""

    MODE = 0
    """`index`: what the hart spends its cycles in from this one on, a `Mode`."""
    MARK = 1
    """A marked pc retired; `index`: which; `a`, `b`, `c`: tp, a0 and a1 before it."""
    TRAP = 2
    """`index`: mode of the instruction that trapped; `a`: xcause, `b`: pc, `c`: cycle of the
    record before, where phases that begin with a trap begin too."""
    TRAP_RETURN = 3
    """An mret or sret retired; `index`: its mode, `a`: its pc."""
    STORE = 4
    """A store to a range; `index`: which; `a`: physical address, `b`: value stored."""
    WATCH = 5
    """`index`: watch of the job; `a`: its value from the next cycle on. Not of any hart."""


class Mode(enum.IntEnum):
    """Numbers of the privilege modes, and idle for a hart that waits in any of them."""

    USER = 0
    KERNEL = 1
    MACHINE = 3
    IDLE = 4


BEGIN, END = "workload_begin", "workload_end"
SWITCH, SWITCHED = "context_switch", "finish_task_switch"
WAKE, RETURN_PAGE = "wake", "page_cache_return_to"
_MARKS = (BEGIN, END, SWITCH, SWITCHED, WAKE, RETURN_PAGE)

STACK_PTES, MSWI, SSWI = "kstack_pt", "mswi", "sswi"
_INTERRUPT_REGISTER_BYTES = 4
_WORD = 8


@dataclass(frozen=True)
class Sources:
    """Where events come from: names for the indices that they carry.

    `stores` gives base and size of each range, `watches` the job's watches in their order.
    """

    marks: tuple[str, ...]
    stores: Mapping[str, tuple[int, int]]
    watches: tuple[Watch, ...]

    def select(self, events: np.ndarray, kind: Kind, name: str | None = None) -> np.ndarray:
        """Events of a kind, of one mark or range where it is named; none of a name that lacks."""
        chosen = events[events["kind"] == kind]
        if name is None:
            return chosen
        names = self.marks if kind is Kind.MARK else tuple(self.stores)
        index = names.index(name) if name in names else len(names)
        return chosen[chosen["index"] == index]


def per_hart(name: str, hart: int) -> str:
    """Name of the watch that has one hart's part of an array."""
    return f"{name}_{hart}"


def with_timeline(job: Job, symbols: Mapping[str, Symbol], file: Path) -> tuple[Job, Sources]:
    """Return the job that also writes events to `file`, over the whole run, and their sources."""
    marks = tuple(name for name in _MARKS if name in symbols)
    harts = job.soc.harts
    stores = {
        MSWI: (address_map.ACLINT.base + MSIP_OFFSET, _INTERRUPT_REGISTER_BYTES * harts),
        SSWI: (address_map.SSWI.base, _INTERRUPT_REGISTER_BYTES * harts),
    }
    if STACK_PTES in symbols:
        stores[STACK_PTES] = (symbols[STACK_PTES].address, symbols[STACK_PTES].size)
    arrays = {watch.name: watch for watch in job.watches}
    parts = tuple(
        Watch(
            per_hart(name, hart),
            WatchKind.SUM,
            arrays[name].base + arrays[name].size // MAX_HARTS * hart,
            _WORD,
        )
        for name in (CACHE_PAGES, RESERVE_PAGES)
        if name in arrays
        for hart in range(harts)
    )
    watches = (*job.watches, *parts)
    pcs = tuple(symbols[name].address for name in marks)
    probe = TimelineProbe(file, pcs, tuple(stores.values()))
    return (
        replace(job, watches=watches, window=None, timeline=probe),
        Sources(marks, stores, watches),
    )


def read_events(file: Path) -> np.ndarray:
    """Events of a finished run; they stay in the file until they are looked at."""
    if not file.stat().st_size:
        return np.zeros(0, EVENT)
    return np.memmap(file, dtype=EVENT, mode="r")
