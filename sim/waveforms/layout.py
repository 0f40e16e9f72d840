"""The rows of a window: what matters on the paths of a stack policy, in groups.

Signals are the ports of the components that own them, so that their names are those of the
sources. The trace ports (`retire`, `cycle`, `walk`) tell one cycle late what the pipeline, the MMU
and the caches do; rows of the parts themselves are therefore one cycle ahead of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rtl.trace.cycle import EventSignature

from ..testbench import TOP
from . import labels
from .gtkwave import Group, Radix, Row, View
from .windows import Interval

CLOCK = f"{TOP}.clk"
CYCLE = 1000
"""Units of a dump's time (ps) in a cycle: cycle N begins at N ns."""
_PIXELS = 1220
_FEWEST, _MOST = 60, 500
"""Cycles that the view shows when it opens."""

_LOOKUP = (
    ("valid", 1, None),
    ("vaddr", 64, None),
    ("ready", 1, None),
    ("fault", 2, labels.FAULT),
    ("paddr", 56, labels.ADDRESS),
)
_FILL = (("valid", 1, None), ("vpn", 27, None), ("pte", 64, None), ("level", 2, labels.LEVEL))
_DCACHE = (
    ("s1_valid", 1, None),
    ("s1_command", 4, labels.COMMAND),
    ("s1_paddr", 56, labels.ADDRESS),
    ("s1_wdata", 64, None),
    ("s1_done", 1, None),
    ("s1_rdata", 64, None),
    ("busy_miss", 1, None),
    ("busy_port", 1, None),
)
_FENCE = (("valid", 1, None), ("has_vaddr", 1, None), ("vaddr", 64, None))
_DRAM = (
    ("request", 1, None),
    ("write", 1, None),
    ("address", 56, None),
    ("read_valid", 1, None),
    ("read_data", 64, None),
    ("write_valid", 1, None),
    ("write_data", 64, None),
    ("write_done", 1, None),
)
_EVENTS = tuple((name, 1, None) for name in EventSignature().members)


_Field = tuple[str, int, str | None]
"""Name, width and filter file."""


def _rows(prefix: str, fields: Iterable[_Field], shown: str = "") -> tuple[Row, ...]:
    return tuple(
        Row(f"{prefix}__{name}", width, shown + name.replace("_", " "), _radix(width), filters)
        for name, width, filters in fields
    )


def _radix(width: int) -> Radix:
    return Radix.BIT if width == 1 else Radix.HEX


def port(hart: int, group: str, name: str) -> str:
    """Full name of a field of a trace port of a hart, as `retire`, `mem_paddr`."""
    return f"{TOP}.{group}__{hart}__{name}"


def groups(hart: int, harts: int = 1) -> list[Group]:
    """Rows for a window around what this hart does; those of the others stand closed behind it."""
    others = [number for number in range(harts) if number != hart]
    shown = _hart_groups(hart)
    shown += [replace(group, closed=True) for other in others for group in _hart_groups(other)]
    return [*shown, Group("DRAM", _rows(f"{TOP}.dram", _DRAM), closed=True)]


def _hart_groups(hart: int) -> list[Group]:
    retire, cycle, walk = (f"{TOP}.{name}__{hart}" for name in ("retire", "cycle", "walk"))
    inside, name = f"{TOP}.soc.hart{hart}", f"Hart {hart}"
    return [
        Group(
            f"{name}: what each cycle goes to",
            (
                Row(CLOCK, 1, "clock", Radix.BIT),
                Row(f"{cycle}__cause", 4, "cause", labels=labels.CAUSE),
                Row(f"{cycle}__privilege", 2, "privilege", labels=labels.PRIVILEGE),
            ),
        ),
        Group(
            f"{name}: retired instruction",
            (
                Row(f"{retire}__valid", 1, "valid", Radix.BIT),
                Row(f"{retire}__pc", 64, "pc", labels=labels.PC),
                Row(f"{retire}__insn", 32, "instruction", labels=labels.INSN),
                Row(f"{retire}__fetch_paddr", 56, "fetched from", labels=labels.ADDRESS),
                Row(f"{retire}__fetch_pte", 64, "PTE used for fetch"),
                Row(f"{retire}__trap", 1, "trap", Radix.BIT),
                Row(f"{retire}__cause", 64, "if trap: cause", labels=labels.TRAP),
                Row(f"{retire}__tval", 64, "if trap: tval"),
            ),
        ),
        Group(
            f"{name}: its load or store",
            (
                Row(f"{retire}__mem_write", 1, "store", Radix.BIT),
                Row(f"{retire}__mem_read", 1, "load", Radix.BIT),
                Row(f"{retire}__mem_vaddr", 64, "virtual address"),
                Row(f"{retire}__mem_paddr", 56, "physical address", labels=labels.ADDRESS),
                Row(f"{retire}__mem_rdata", 64, "value loaded"),
                Row(f"{retire}__mem_wdata", 64, "memory after store"),
                Row(f"{retire}__mem_pte", 64, "PTE used"),
                Row(f"{retire}__mem_level", 2, "its page", labels=labels.LEVEL),
            ),
        ),
        Group(f"{name}: sfence.vma", _rows(f"{inside}.pipeline.fence", _FENCE)),
        Group(
            f"{name}: DTLB: lookup and fill",
            _rows(f"{inside}.pipeline.data", _LOOKUP)
            + _rows(f"{inside}.mmu.dtlb.fill", _FILL, "fill "),
        ),
        Group(
            f"{name}: page-table walker",
            (
                Row(f"{inside}.mmu.walker.state", 4, "state", labels=labels.WALKER),
                Row(f"{walk}__valid", 1, "PTE read", Radix.BIT),
                Row(f"{walk}__write", 1, "PTE updated", Radix.BIT),
                Row(f"{walk}__instruction", 1, "for fetch", Radix.BIT),
                Row(f"{walk}__vpn", 27, "vpn"),
                Row(f"{walk}__level", 2, "level", Radix.DECIMAL),
                Row(f"{walk}__paddr", 56, "PTE address", labels=labels.ADDRESS),
                Row(f"{walk}__pte", 64, "PTE"),
                Row(f"{walk}__from_walk_cache", 1, "from walk cache", Radix.BIT),
            ),
        ),
        Group(f"{name}: D$ port of loads and stores", _rows(f"{inside}.pipeline.dcache", _DCACHE)),
        Group(
            f"{name}: D$ port of the walker", _rows(f"{inside}.mmu.dcache", _DCACHE), closed=True
        ),
        Group(
            f"{name}: ITLB: lookup and fill",
            _rows(f"{inside}.pipeline.fetch", _LOOKUP)
            + _rows(f"{inside}.mmu.itlb.fill", _FILL, "fill "),
            closed=True,
        ),
        Group(f"{name}: events that are counted", _rows(f"{cycle}__events", _EVENTS), closed=True),
    ]


def view(interval: Interval, phases: Sequence[Interval]) -> View:
    """Open the window at an interval, with markers at its ends and those of phases around it.

    A marker stands where the first cycle inside begins, or the last one ends: the distance of the
    two, in ns, is the number of cycles.
    """
    markers: dict[int, list[str]] = {}
    for shown in (interval, *(phase for phase in phases if phase != interval)):
        markers.setdefault((shown.begin + 1) * CYCLE, []).append(f"{shown.name} begins")
        markers.setdefault((shown.end + 1) * CYCLE, []).append(f"{shown.name} ends")
    for cycle, name in interval.marks:
        markers.setdefault(cycle * CYCLE, []).append(name)
    named = tuple((", ".join(names), time) for time, names in markers.items())
    cycles = min(max(interval.end - interval.begin + 20, _FEWEST), _MOST)
    return View((interval.begin - 9) * CYCLE, cycles * CYCLE / _PIXELS, named)
