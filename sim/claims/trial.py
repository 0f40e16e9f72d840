"""What one run of a claim is asked to be: a kernel, a workload and a machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rtl.presets import Preset, preset
from sim.cache import digest
from sim.errors import UserError
from sim.workload.threads import Workload

from .reading import Span


@dataclass(frozen=True)
class Change:
    """A text of a file of `sw/` that a special kernel has otherwise; it must be there once."""

    file: str
    old: str
    new: str

    def apply(self, tree: Path) -> None:
        """Make the change in a copy of `sw/`; UserError where the text is not there once."""
        path = tree / self.file
        text = path.read_text()
        if text.count(self.old) != 1:
            raise UserError(
                f"sw/{self.file} has changed: the special kernel of this claim is to be planted "
                f"anew where it had {self.old.strip().splitlines()[0]!r}",
                exit_code=1,
            )
        path.write_text(text.replace(self.old, self.new))


@dataclass(frozen=True)
class Trial:
    """One run of a kernel.

    Attributes
    ----------
    name : of the workload, for messages and files.
    changes : to the sources of the kernel.
    spans : further phases, by symbol.
    keep : phases whose passages are kept one by one.
    window : symbols whose first passages begin and end what counts, instead of the whole workload.
    may_fail : the reading has `status` and `console` where the run does not complete.
    max_cycles : 0: as many as `dynstack measure` allows.
    """

    policy: str
    name: str
    workload: Workload
    machine: Preset
    changes: tuple[Change, ...] = ()
    spans: tuple[Span, ...] = ()
    keep: tuple[str, ...] = ()
    window: tuple[str, str] | None = None
    may_fail: bool = False
    max_cycles: int = 0

    @property
    def label(self) -> str:
        straps = self.machine.straps.as_dict()
        base = preset(self.machine.name).straps.as_dict()
        other = [f"{name}={value}" for name, value in straps.items() if value != base[name]]
        words = [self.policy, "on", self.name, self.machine.name, *other]
        words += [f"{self.machine.soc.harts} harts"] if self.machine.soc.harts > 1 else []
        words += [] if self._has_usual_structure else [f"structure {self._structure[:4]}"]
        words += [f"changed {digest({'changes': repr(self.changes)})[:4]}"] if self.changes else []
        return " ".join(words)

    @property
    def _structure(self) -> str:
        return digest({"soc": self.machine.soc.as_dict()})

    @property
    def _has_usual_structure(self) -> bool:
        return self.machine.soc == preset(self.machine.name).with_harts(self.machine.soc.harts).soc

    @property
    def is_plain(self) -> bool:
        """Whether other commands can repeat it: a policy on a preset."""
        plain = preset(self.machine.name).with_harts(self.machine.soc.harts)
        return not self.changes and self.machine == plain


def trial(
    policy: str,
    name: str,
    workload: Workload,
    *,
    harts: int = 1,
    on: str = "rocket",
    straps: Mapping[str, int] | None = None,
    **others: Any,
) -> Trial:
    """A trial on preset `on` with so many harts, some straps set otherwise."""
    chosen = preset(on).with_harts(harts)
    chosen = replace(chosen, straps=replace(chosen.straps, **(straps or {})))
    chosen.straps.validate(chosen.soc)
    return Trial(policy, name, replace(workload, harts=harts), chosen, **others)
