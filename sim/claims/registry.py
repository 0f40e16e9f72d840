"""The claims there are: a file `hNN.py` for each."""

from __future__ import annotations

import importlib
import re
from collections.abc import Sequence
from pathlib import Path

from sim.errors import UserError

from .claim import Claim

_FILE = re.compile(r"h(\d\d)\.py")


def ids() -> list[str]:
    """H1, H2, ... in the order of their numbers."""
    numbers = (_FILE.fullmatch(path.name) for path in Path(__file__).parent.iterdir())
    return [f"H{number}" for number in sorted(int(found.group(1)) for found in numbers if found)]


def chosen(names: Sequence[str]) -> list[str]:
    """Ids in the order of their numbers, all where none is named; UserError for one there is not.

    Case does not matter: h3 is H3.
    """
    known = ids()
    wanted = {name.upper() for name in names}
    for name in names:
        if name.upper() not in known:
            raise UserError(f"no claim '{name}': use {known[0]} to {known[-1]}")
    return [name for name in known if name in wanted or not names]


def claim(name: str) -> Claim:
    """The claim of an id."""
    module = importlib.import_module(f"{__package__}.h{int(name[1:]):02}")
    return module.CLAIM
