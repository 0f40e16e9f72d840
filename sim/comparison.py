"""What moved between two files of `dynstack measure --json`: runs joined, figures side by side."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

from .errors import UserError
from .statistics import is_number

IDENTITY = ("variant", "harts", "preset", "workload", "seed")
"""Keys of a run that name it: runs of both files that agree in them are the same run."""
Identity = tuple[str | int, ...]
Figure = object
"""A number, null, true or false, text, or a list (`findings`)."""


@dataclass(frozen=True)
class MovedRun:
    """A run that both files have, and the figures in which they differ, as (before, after).

    A figure inside another is named with a dot, as in `phases.map.median`. One that a file does
    not have is None.
    """

    identity: Identity
    before: Mapping[str, Figure]
    after: Mapping[str, Figure]
    figures: Mapping[str, tuple[Figure, Figure]]

    @property
    def phases(self) -> list[str]:
        """Phases in which anything moved."""
        moved = (name.split(".") for name in self.figures)
        return list(dict.fromkeys(parts[1] for parts in moved if parts[0] == "phases"))


@dataclass(frozen=True)
class Comparison:
    """All of two files: what moved, how many runs did not, and what only one of them has."""

    moved: Sequence[MovedRun]
    same: int
    only_before: Sequence[Identity]
    only_after: Sequence[Identity]

    @property
    def is_empty(self) -> bool:
        """Whether nothing moved at all."""
        return not (self.moved or self.only_before or self.only_after)

    def as_dict(self) -> dict:
        """Figures of `dynstack compare --json`."""
        return {
            "moved": [
                {
                    **_named(run.identity),
                    "figures": {
                        name: {"before": before, "after": after}
                        for name, (before, after) in run.figures.items()
                    },
                }
                for run in self.moved
            ],
            "same": self.same,
            "only_before": [_named(identity) for identity in self.only_before],
            "only_after": [_named(identity) for identity in self.only_after],
        }


def _named(identity: Identity) -> dict[str, str | int]:
    return dict(zip(IDENTITY, identity, strict=True))


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value.isprintable()  # no half of a surrogate pair


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_figure(value: object) -> bool:
    return value is None or is_number(value)


_USABLE: Mapping[str, Callable[[Any], bool]] = {
    "variant": _is_text,
    "harts": _is_whole,
    "preset": _is_text,
    "workload": _is_text,
    "seed": _is_whole,
    "cycles_per_syscall": _is_figure,
    "stack_kib_per_thread": _is_figure,
}


def read_runs(path: Path) -> list[dict]:
    """Return the runs of a file that `dynstack measure --json` wrote, or raise UserError."""
    wanted = "give a file that `dynstack measure --json` wrote"
    try:
        content = json.loads(path.read_text())
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise UserError(f"{path} is not JSON: {wanted}") from None
    runs = content.get("runs") if isinstance(content, dict) else None
    if not isinstance(runs, list):
        raise UserError(f'{path} has no list "runs": {wanted}')
    seen = set()
    for number, run in enumerate(runs):
        where = f"{path}: entry {number} of runs"
        if not isinstance(run, dict) or not isinstance(run.get("phases"), dict):
            raise UserError(f"{where} has no phases: {wanted}")
        for key, usable in _USABLE.items():
            if key not in run or not usable(run[key]):
                raise UserError(f"{where} has no usable '{key}': {wanted}")
        if identity_of(run) in seen:
            raise UserError(f"{where} is there twice: two runs have the same {', '.join(IDENTITY)}")
        seen.add(identity_of(run))
    return runs


def identity_of(run: Mapping) -> Identity:
    return tuple(run[key] for key in IDENTITY)


def flatten(value: Mapping[str, Figure], prefix: str = "") -> dict[str, Figure]:
    """Figures of a run in one mapping, those inside others named with dots."""
    flat: dict[str, Figure] = {}
    for key, inner in value.items():
        if isinstance(inner, Mapping):
            flat |= flatten(inner, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = inner
    return flat


def compare(before: Sequence[Mapping], after: Sequence[Mapping]) -> Comparison:
    """Join the runs of two files, in the order of the first, and find what differs."""
    old = {identity_of(run): run for run in before}
    new = {identity_of(run): run for run in after}
    moved = []
    for identity, run_before in old.items():
        if identity in new:
            run = _moved(identity, run_before, new[identity])
            moved += [run] if run.figures else []
    return Comparison(
        moved=moved,
        same=len(old.keys() & new.keys()) - len(moved),
        only_before=[identity for identity in old if identity not in new],
        only_after=[identity for identity in new if identity not in old],
    )


def _moved(identity: Identity, old: Mapping, new: Mapping) -> MovedRun:
    before, after = flatten(old), flatten(new)
    figures = {}
    for name in dict.fromkeys((*before, *after)):
        # A cause that took no cycles is left out by `measure`.
        nothing = 0 if "stalls." in name else None
        pair = before.get(name, nothing), after.get(name, nothing)
        if pair[0] != pair[1]:
            figures[name] = pair
    return MovedRun(identity, before, after, figures)
