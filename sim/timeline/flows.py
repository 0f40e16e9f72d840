"""What one hart does for another: events that belong together, as the ends of arrows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..trap_names import INTERRUPT
from .events import MSWI, RETURN_PAGE, SSWI, STACK_PTES, Kind, Sources

_SUPERVISOR_SOFTWARE, _MACHINE_SOFTWARE = 1, 3
_REGISTER_BYTES = 4
_PTE_VALID, _PTE_PPN_SHIFT, _PPN_MASK, _PAGE_SHIFT = 1, 10, (1 << 44) - 1, 12


@dataclass(frozen=True)
class Moment:
    """Something that happened on a hart in a cycle."""

    hart: int
    cycle: int
    name: str


@dataclass(frozen=True)
class Flow:
    """What led to what; `end` is None where nothing came of it."""

    begin: Moment
    end: Moment | None


def interprocessor_interrupts(events: np.ndarray, sources: Sources) -> Iterator[Flow]:
    """Stores that set a software interrupt, each with the trap that it led to.

    A hart that takes the interrupt late answers several senders with one trap. One that polls, as
    in wfi with interrupts off, takes it back without a trap.
    """
    traps = sources.select(events, Kind.TRAP)
    for register, cause, name in (
        (MSWI, _MACHINE_SOFTWARE, "IPI, M-mode"),
        (SSWI, _SUPERVISOR_SOFTWARE, "IPI"),
    ):
        base = sources.stores[register][0]
        taken = traps[traps["a"] == INTERRUPT | cause]
        stores = sources.select(events, Kind.STORE, register)
        clears = stores[stores["b"] & 1 == 0]
        for store in stores[stores["b"] & 1 == 1]:
            hart, cycle = (int(store["a"]) - base) // _REGISTER_BYTES, int(store["cycle"])
            trap = _next(taken[taken["hart"] == hart], cycle)
            taken_back = _next(clears[clears["a"] == store["a"]], cycle)
            answered = trap is not None and (taken_back is None or trap <= taken_back)
            answer = Moment(hart, trap, name) if trap is not None and answered else None
            yield Flow(Moment(int(store["hart"]), cycle, f"{name} to hart {hart}"), answer)


def _next(events: np.ndarray, cycle: int) -> int | None:
    """Cycle of the first of these events after a cycle."""
    later = int(np.searchsorted(events["cycle"], cycle, side="right"))
    return int(events["cycle"][later]) if later < len(events) else None


def page_moves(events: np.ndarray, sources: Sources) -> Iterator[Flow]:
    """Pages of kernel stacks that one hart mapped or unmapped and another touches next.

    A page is seen when it enters or leaves a stack's page table, and when a hart gives it back to
    the hart that it came from.
    """
    if STACK_PTES not in sources.stores:
        return
    returned = sources.select(events, Kind.MARK, RETURN_PAGE)
    stores = sources.select(events, Kind.STORE, STACK_PTES)
    seen = np.concatenate([stores, returned])
    mapped: dict[int, int] = {}
    last: dict[int, Moment] = {}
    for event in seen[np.argsort(seen["cycle"], kind="stable")]:
        hart, cycle = int(event["hart"]), int(event["cycle"])
        changes = []
        if event["kind"] == Kind.MARK:
            changes.append((int(event["c"]) >> _PAGE_SHIFT, f"returned to hart {int(event['b'])}"))
        else:
            entry, value = int(event["a"]), int(event["b"])
            page = value >> _PTE_PPN_SHIFT & _PPN_MASK
            before = mapped.pop(entry, None)
            if before is not None and not (value & _PTE_VALID and page == before):
                changes.append((before, "unmapped"))
            if value & _PTE_VALID:
                mapped[entry] = page
                if before != page:
                    changes.append((page, "mapped"))
        for page, what in changes:
            moment = Moment(hart, cycle, f"page {page << _PAGE_SHIFT:#x} {what}")
            if page in last and last[page].hart != hart:
                yield Flow(last[page], moment)
            last[page] = moment
