"""The verdict over one policy, cached by the text of its model and the code that searches it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

from ..cache import cached_build, sources_digest
from ..errors import UserError
from . import program
from .conditions import Condition, Conditions, explore, in_order
from .program import MODEL, Program, Search, Sizes
from .schedule import Fault, Schedule, Step

_CODE = [
    Path(__file__).with_name(name)
    for name in ("conditions.py", "program.py", "schedule.py", "verdict.py")
]


@dataclass(frozen=True)
class Break:
    """The least conditions that break a protocol, and the shortest schedule under them."""

    conditions: Conditions
    states: int
    schedule: Schedule


@dataclass(frozen=True)
class Verdict:
    """What is known about a policy at some sizes.

    `safe`: the largest sets of conditions under which no schedule breaks it, with the number of
    states that were visited to know. `seconds` when it was found.
    """

    variant: str
    sizes: Sizes
    breaks: tuple[Break, ...]
    safe: dict[Conditions, int]
    seconds: float

    @property
    def always_safe(self) -> bool:
        return not self.breaks

    def breaks_under(self, *conditions: Condition) -> Break | None:
        """The break with the fewest conditions, all of them among these."""
        return next((one for one in self.breaks if one.conditions <= set(conditions)), None)


def variants(directory: Path = MODEL) -> dict[str, Path]:
    """Ids of the policies that are described, as those of the kernel's policies."""
    files = sorted((directory / "policies").glob("*.pml"))
    return {path.stem.capitalize().replace("_", "-"): path for path in files}


def decide(variant: str, sizes: Sizes, model: Path = MODEL) -> Verdict:
    """Return the verdict over a variant; policies that are one in the model are searched once."""
    known = variants(model)
    if variant not in known:
        raise UserError(f"no policy '{variant}' in the model: use some of {', '.join(known)}")
    program.require()
    text = program.preprocessed(known[variant], sizes)

    def build(directory: Path) -> None:
        (directory / "verdict.json").write_text(json.dumps(_decide(text, directory)))
        for file in directory.glob("*pan*"):
            file.unlink()

    key = {"model": text, "versions": program.versions(), "code": sources_digest(_CODE)}
    raw = json.loads((cached_build("protocol", key, build) / "verdict.json").read_text())
    breaks = sorted(map(_break, raw["breaks"]), key=lambda one: _rank(one.conditions))
    safe = {_conditions(one["conditions"]): one["states"] for one in raw["safe"]}
    return Verdict(variant, sizes, tuple(breaks), safe, raw["seconds"])


def _decide(text: str, directory: Path) -> dict:
    start = time.monotonic()
    compiled = Program(text, directory)

    def breaks(conditions: Conditions) -> tuple[bool, Search]:
        found = compiled.search(conditions)
        return found.schedule is not None, found

    frontier = explore(breaks)
    return {
        "breaks": [_raw(c, found) for c, found in frontier.broken.items()],
        "safe": [_raw(c, found) for c, found in frontier.safe.items()],
        "seconds": round(time.monotonic() - start, 1),
    }


def _raw(conditions: Conditions, found: Search) -> dict:
    raw: dict = {"conditions": [c.name for c in in_order(conditions)], "states": found.states}
    if found.schedule is not None:
        raw["fault"] = found.schedule.fault.name
        raw["end"] = found.schedule.end
        raw["steps"] = [[s.hart, s.thread, s.page, s.action] for s in found.schedule.steps]
    return raw


def _break(raw: dict) -> Break:
    steps = tuple(Step(*step) for step in raw["steps"])
    schedule = Schedule(Fault[raw["fault"]], steps, raw["end"])
    return Break(_conditions(raw["conditions"]), raw["states"], schedule)


def _conditions(names: list[str]) -> Conditions:
    return frozenset(Condition[name] for name in names)


def _rank(conditions: Conditions) -> tuple[int, list[str]]:
    return len(conditions), [condition.name for condition in in_order(conditions)]
