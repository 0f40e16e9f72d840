"""All litmus tests, by name."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence

from sim.errors import UserError

from .definition import Litmus
from .shapes import shaped_tests
from .special import special_tests


def select(patterns: Sequence[str] = ()) -> list[Litmus]:
    """All tests, or those that a pattern names: a shape ("MP") or a name with wildcards.

    Raises UserError for a pattern that names none.
    """
    known = [*shaped_tests(), *special_tests()]
    if not patterns:
        return known
    chosen: set[str] = set()
    for pattern in patterns:
        found = {
            test.name
            for test in known
            if fnmatch.fnmatchcase(test.name, pattern) or test.shape == pattern
        }
        if not found:
            shapes = sorted({test.shape for test in known})
            raise UserError(f"no litmus test '{pattern}': use one of {', '.join(shapes)}")
        chosen |= found
    return [test for test in known if test.name in chosen]
