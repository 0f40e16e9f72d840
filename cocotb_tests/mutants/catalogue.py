"""Reads the patches: each is one bug, with a few lines above its diff that say which."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.errors import UserError

PATCHES = Path(__file__).parent / "patches"

_FIELD = re.compile(r"^(Class|Bug|Killed-by): (.+)$", re.MULTILINE)
_FILE = re.compile(r"^\+\+\+ b/(.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Mutant:
    """One patch.

    `bug_class` is the number in the table of docs/status.md, `bug` a sentence with the cores
    that shipped it, `killer` the pytest node that has to fail, `files` what the patch changes.
    """

    name: str
    patch: Path
    bug_class: int
    bug: str
    killer: str
    files: tuple[str, ...]

    @property
    def changes_rtl(self) -> bool:
        return any(name.startswith("rtl/") for name in self.files)


def read(patch: Path) -> Mutant:
    """Parse a patch; raises UserError where a field or the diff is missing."""
    text = patch.read_text()
    head, _, _ = text.partition("\n--- ")
    fields = dict(_FIELD.findall(head))
    missing = [name for name in ("Class", "Bug", "Killed-by") if name not in fields]
    files = tuple(_FILE.findall(text))
    if missing or not files:
        raise UserError(
            f"{patch} lacks {', '.join(missing) or 'a diff'}: a mutant is a patch below lines "
            "'Class: N', 'Bug: ...' and 'Killed-by: TEST'"
        )
    return Mutant(
        patch.stem, patch, int(fields["Class"]), fields["Bug"], fields["Killed-by"], files
    )


def mutants(names: Sequence[str] = (), directory: Path = PATCHES) -> list[Mutant]:
    """All mutants, or those named, by class; raises UserError for a name that there is not."""
    known = {mutant.name: mutant for mutant in map(read, directory.glob("*.patch"))}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UserError(f"no mutant '{unknown[0]}': use some of {', '.join(sorted(known))}")
    chosen = [known[name] for name in names] or list(known.values())
    return sorted(chosen, key=lambda mutant: (mutant.bug_class, mutant.name))
