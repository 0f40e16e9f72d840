"""What the machine and the workload may do, and the least of it with which a protocol breaks."""

from __future__ import annotations

import enum
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar


class Condition(enum.Enum):
    """A freedom of the machine or the workload: name for tables, and what it means.

    The model reads each from an environment variable of the name of the member (`kernel.pml`).
    """

    SPECULATION = "speculation", "TLBs fill by themselves, from entries with A set or setting it"
    UNACCESSED = "fills without A", "such fills leave A clear, which RISC-V forbids to use"
    NEGATIVE = "invalid entries", "TLBs remember that an entry was invalid"
    SHARED = "shared objects", "harts use objects on the stacks of threads that wait"
    MIGRATION = "migration", "a thread that waits in the kernel may go on on another hart"
    REORDER = "any order", "a hart may take any page of its cache, not first what it put there last"
    DRAINS = "full caches", "caches of pages may be full, and drain to the pool"

    def __init__(self, label: str, meaning: str):
        self.label = label
        self.meaning = meaning


Conditions = frozenset[Condition]
_ORDER = list(Condition)


def in_order(conditions: Conditions) -> list[Condition]:
    """The conditions of a set, as the tables have them."""
    return sorted(conditions, key=_ORDER.index)


def consistent(conditions: Conditions) -> bool:
    """Fills without A are a kind of speculation."""
    return Condition.UNACCESSED not in conditions or Condition.SPECULATION in conditions


def _sets() -> Iterator[Conditions]:
    for size in range(len(_ORDER), -1, -1):
        yield from filter(consistent, map(frozenset, itertools.combinations(_ORDER, size)))


Outcome = TypeVar("Outcome")


@dataclass
class Frontier(Generic[Outcome]):
    """`broken`: the least sets of conditions that break, with what was found there.

    `safe`: the largest sets that do not. Every set of conditions has one of the former in it, or is
    in one of the latter.
    """

    broken: dict[Conditions, Outcome] = field(default_factory=dict)
    safe: dict[Conditions, Outcome] = field(default_factory=dict)

    def settled(self, conditions: Conditions) -> bool:
        return self.is_safe(conditions) or any(least <= conditions for least in self.broken)

    def is_safe(self, conditions: Conditions) -> bool:
        return any(conditions <= largest for largest in self.safe)


def explore(breaks: Callable[[Conditions], tuple[bool, Outcome]]) -> Frontier[Outcome]:
    """Ask `breaks`, whether a protocol does and how, about as few sets of conditions as possible.

    More freedom has more schedules, so what breaks goes on to break, and what is safe is safe with
    less. Sets that break are settled soon; a safe one takes a search of all its states.
    """
    frontier = Frontier[Outcome]()
    for conditions in _sets():
        if frontier.settled(conditions):
            continue
        broken, outcome = breaks(conditions)
        if broken:
            least, outcome = _shrink(conditions, outcome, breaks, frontier)
            frontier.broken[least] = outcome
        else:
            frontier.safe[conditions] = outcome
    largest = {
        conditions: outcome
        for conditions, outcome in frontier.safe.items()
        if not any(conditions < other for other in frontier.safe)
    }
    return Frontier(frontier.broken, largest)


def _shrink(
    conditions: Conditions,
    outcome: Outcome,
    breaks: Callable[[Conditions], tuple[bool, Outcome]],
    frontier: Frontier[Outcome],
) -> tuple[Conditions, Outcome]:
    """Take conditions away, one at a time, as long as the protocol breaks without them."""
    for condition in in_order(conditions):
        less = conditions - {condition}
        if not consistent(less):
            less -= {Condition.UNACCESSED}
        if less == conditions or frontier.is_safe(less):
            continue
        broken, found = breaks(less)
        if broken:
            conditions, outcome = less, found
        else:
            frontier.safe[less] = found
    return conditions, outcome
