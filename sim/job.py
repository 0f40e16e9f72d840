"""What one simulation is asked to do, and what it brings back.

A job names an image, the machine, and what to watch; `sim.machine.run` executes it. Everything a
job watches is read from the retire port by the C++ collector: no instruction is added to the
program.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from rtl.config import SocConfig
from rtl.presets import Straps
from rtl.trace.cycle import EventSignature, StallCause


class PhaseEnd(enum.Enum):
    """Which record is the last of a phase."""

    BEFORE = "before"
    """The last before `end` retires: `end` is the first instruction outside."""
    AFTER = "after"
    """The instruction at `end` itself."""
    RETURN = "return"
    """The last before the function entered at `end` is back at its caller (same ra, same sp)."""


@dataclass(frozen=True)
class PhaseProbe:
    """A phase: what happens on one hart between two instructions.

    It begins when the record before `begin` has retired; with `begin_at_trap` when the record
    before the trap that led to `begin` has retired. A passage of `unless` discards the phase. The
    time from a trap inside the phase to its return is taken out and reported as nested.
    """

    name: str
    begin: int
    end: int
    end_kind: PhaseEnd = PhaseEnd.BEFORE
    begin_at_trap: bool = False
    unless: int | None = None


class WatchKind(enum.Enum):
    """How the value of a watched memory range is formed."""

    VALID_PTES = "valid_ptes"
    """Number of 64-bit words with bit 0 set."""
    SUM = "sum"
    """Sum of the 64-bit words."""


@dataclass(frozen=True)
class Watch:
    """A physical memory range whose value is integrated over the cycles of the window."""

    name: str
    kind: WatchKind
    base: int
    size: int


@dataclass(frozen=True)
class WaveWindow:
    """Cycles to dump, first and last included, and the file (suffix .fst or .vcd)."""

    file: Path
    first: int
    last: int


@dataclass(frozen=True)
class TimelineProbe:
    """A file of everything that happens on the harts, for `sim.timeline`.

    `marks` are pcs whose passages are written with registers, `stores` physical ranges (base,
    size) whose stores are; modes, traps and changes of the job's watches are written anyway.
    """

    file: Path
    marks: tuple[int, ...] = ()
    stores: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Job:
    """One simulation. Addresses are physical for blobs and watches, pcs for everything else."""

    image: Path
    soc: SocConfig
    straps: Straps
    max_cycles: int
    blobs: tuple[tuple[int, Path], ...] = ()
    phases: tuple[PhaseProbe, ...] = ()
    counters: tuple[tuple[str, int], ...] = ()
    """(name, pc): how often the instruction at pc retires inside the window."""
    watches: tuple[Watch, ...] = ()
    page_lists: tuple[tuple[int, int], ...] = ()
    """(address, bytes) of memory in which the program keeps the addresses of free pages."""
    window: tuple[int, int] | None = None
    """(begin pc, end pc): statistics are taken between their first retirements; else always."""
    waves: WaveWindow | None = None
    timeline: TimelineProbe | None = None
    lockstep: bool = False
    """Compare every record with Spike, and stop at the first difference."""
    census: bool = False
    """Count what kinds of things happen, for `sim.torturing.census`."""
    most_unreturned_traps: int | None = None
    """Stop where a hart takes more traps than these in a row and returns from none of them."""


CAUSES = tuple(cause.name.lower() for cause in StallCause)
EVENTS = tuple(EventSignature().members)

SAMPLE = np.dtype(
    [
        ("phase", "<u2"),
        ("hart", "<u2"),
        ("nested_traps", "<u4"),
        ("begin", "<u8"),
        ("end", "<u8"),
        ("cycles", "<u8"),
        ("nested_cycles", "<u8"),
        ("instructions", "<u8"),
        ("stalls", "<u4", (16,)),
        ("itlb_misses", "<u4"),
        ("dtlb_misses", "<u4"),
        ("walks", "<u4"),
        ("icache_misses", "<u4"),
        ("dcache_misses", "<u4"),
        ("fences", "<u4"),
        ("mispredicts", "<u4"),
        ("exceptions", "<u4"),
        ("interrupts", "<u4"),
    ]
)
"""One finished phase, little-endian and packed, as the collector writes it to `phases.bin`.

`begin` and `end` are cycle numbers since reset, the interval is half-open at its begin:
`end - begin == cycles + nested_cycles`. Counts and stalls leave nested traps out.
"""


@dataclass(frozen=True)
class HartTotals:
    """Totals of one hart. `stalls[privilege][cause]` counts cycles inside the window."""

    cycles: int
    instructions: int
    window_cycles: int
    stalls: dict[str, dict[str, int]]
    events: dict[str, dict[str, int]]


@dataclass(frozen=True)
class WatchTotals:
    """`integral` is the sum of the value over the cycles of the window."""

    integral: int
    minimum: int
    maximum: int
    last: int


@dataclass(frozen=True)
class Mismatch:
    """Where a run in lockstep left Spike: the cycle, and both sides with what led there."""

    cycle: int
    report: str


@dataclass(frozen=True)
class Finding:
    """A translation that must not have been used, or a page fault that must not have been taken.

    `kind` is stale, harmful or spurious, as docs/measuring.md defines them; `after_fence` says
    that a fence of this hart had covered what was used. `cycle` is that in which the instruction
    retired, `access` fetch, load or store. `used_paddr` is None for a fault, `walked_paddr` where a
    walk of memory would fault. `age` counts cycles since memory last gave what was used; `thread`
    is the register tp.
    """

    kind: str
    after_fence: bool
    hart: int
    cycle: int
    pc: int
    access: str
    vaddr: int
    used_paddr: int | None
    walked_paddr: int | None
    age: int
    thread: int


@dataclass(frozen=True)
class TranslationCounts:
    """What the translation oracle counted: `checked` translations that were used.

    Pairs count before and after the fence of this hart that covers the entry; `harmful` ones are
    part of `stale`.
    """

    checked: int
    stale: tuple[int, int]
    harmful: tuple[int, int]
    spurious: tuple[int, int]

    @property
    def stale_accesses(self) -> int:
        """Accesses that are findings: after a fence, or harmful."""
        return self.stale[1] + self.harmful[0]


@dataclass(frozen=True)
class JobResult:
    """What a job brought back.

    `status` is pass, fail, timeout, mismatch (lockstep found a difference), or stopped (a
    breakpoint of a test); `code` is tohost >> 1 or the finisher's code. `window` holds the first
    and the last cycle that counted; None where it never opened.
    """

    status: str
    code: int
    harts: tuple[HartTotals, ...]
    samples: np.ndarray = field(repr=False)
    counters: dict[str, int]
    watches: dict[str, WatchTotals]
    window: tuple[int, int] | None
    cycles_per_second: float
    console: str
    reason: str = ""
    """What ended the run: finisher, tohost, max_cycles, breakpoint, mismatch, or a sentence."""
    mismatch: Mismatch | None = None
    exceptions: dict[str, int] = field(default_factory=dict)
    """How often lockstep let the RTL decide, by the names in docs/verification.md."""
    translations: TranslationCounts = TranslationCounts(0, (0, 0), (0, 0), (0, 0))
    findings: tuple[Finding, ...] = ()
    """The first hundred that the translation oracle had, in the order of cycles."""
    census: dict | None = field(default=None, repr=False)
    """Counts by table, where the job asked for them."""
