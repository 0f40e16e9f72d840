"""The schedule that breaks a protocol: its steps, and the words for them."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass

_NONE = 9
_STEP = re.compile(r"^STEP (\d) (\d) (\d) (.*)$", re.MULTILINE)
_VARIABLE = re.compile(r"^\s*byte\s+(\w+)(?:\[(\d+)\])?:\s*(\d+)$", re.MULTILINE)


class Fault(enum.Enum):
    """What is wrong in the end. The value is the comment of the assertion in the model."""

    HARMFUL = "HARMFUL"
    """An access may reach a page that belongs to another thread by then."""
    MISSING = "MISSING"
    """An access needs a page that nobody has mapped, and no handler maps it."""
    REMEMBERED = "REMEMBERED"
    """An access traps, because the hart remembers that the entry was invalid."""
    PAGES = "PAGES"
    """A page is in two places, or in none."""


@dataclass(frozen=True)
class Step:
    """What one hart does: None for a thread or page that it has nothing to do with.

    `hart` is None where it is a walker that nobody asked.
    """

    hart: int | None
    thread: int | None
    page: int | None
    action: str

    @property
    def text(self) -> str:
        return self.action.replace("PAGE", f"page {self.page}")


@dataclass(frozen=True)
class Schedule:
    """The shortest schedule that was found, and what its last step meets.

    `end`: the last step in words.
    """

    fault: Fault
    steps: tuple[Step, ...]
    end: str

    def as_dict(self) -> dict:
        steps = [{**asdict(step), "action": step.text} for step in self.steps]
        return {"fault": self.fault.name.lower(), "end": self.end, "steps": steps}

    def lines(self) -> Iterable[str]:
        """One line for each step, in columns."""
        for number, step in enumerate(self.steps, 1):
            hart = "walker" if step.hart is None else f"hart {step.hart}"
            thread = "" if step.thread is None else f"thread {step.thread}"
            yield f"{number:>4}  {hart:<7} {thread:<9} {step.text}"
        yield f"      {self.end}"


def parse(fault: Fault, replay: str) -> Schedule:
    """Read what `pan -r` prints: the lines of the steps, and the variables after the last one."""
    steps = tuple(
        Step(_number(hart), _number(thread), _number(page), action)
        for hart, thread, page, action in _STEP.findall(replay)
    )
    values: dict[str, dict[int, int]] = {}
    for name, index, value in _VARIABLE.findall(replay):
        values.setdefault(name, {})[int(index or 0)] = int(value)
    return Schedule(fault, steps, _end(fault, steps[-1], values))


def _number(text: str) -> int | None:
    return None if int(text) == _NONE else int(text)


def _end(fault: Fault, last: Step, values: dict[str, dict[int, int]]) -> str:
    if fault is Fault.HARMFUL:
        reached = values["use"][0] & values["others"][0] & ~1
        page = reached.bit_length() - 1
        owner = next(thread for thread, mapped in values["pte"].items() if mapped == page)
        return (
            f"hart {last.hart} may go through a stale translation of thread {last.thread}'s "
            f"stack, to page {page}, which thread {owner} has"
        )
    return {
        Fault.MISSING: f"hart {last.hart} finds no page there, and nothing maps one",
        Fault.REMEMBERED: f"hart {last.hart} may remember that there was no page: it traps",
        Fault.PAGES: "a page is in two places, or in none",
    }[fault]
