"""SPEC.toml: what a sweep runs, checked before anything is built."""

from __future__ import annotations

import itertools
import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from rtl.config import ConfigError
from rtl.presets import PRESETS, Preset, Straps, preset
from sim import firmware
from sim.errors import UserError
from sim.workload.builtin import BUILTIN, DEFAULT_SEED, DIRECTED

Value = str | int
Axes = dict[str, list[Value]]
"""Values by the name of an axis: a list of the specification, or the field of a strap."""

_KINDS: dict[str, type[Value]] = {
    "variants": str,
    "harts": int,
    "presets": str,
    "workloads": str,
    "seeds": int,
}
_KIND_NAMES = {str: "text", int: "a whole number"}
_DEFAULTS: Axes = {
    "harts": [1],
    "presets": ["rocket"],
    "workloads": list(BUILTIN),
    "seeds": [DEFAULT_SEED],
}
MOST_POINTS = 100_000
"""Of a sweep, before exclude: at seconds each, that is days on a cluster. More are a slip."""
STRAPS = tuple(strap.name for strap in fields(Straps))


@dataclass(frozen=True)
class Configuration:
    """One point of a sweep as the specification names it."""

    variant: str
    machine: Preset
    workload: str
    seed: int
    straps: Mapping[str, int]
    """Those that the sweep sets, which `machine` has already."""


@dataclass(frozen=True)
class Spec:
    """A full factorial over `axes`, without what an entry of `exclude` matches in all its axes."""

    file: Path
    axes: Axes
    exclude: list[Axes] = field(default_factory=list)

    def configurations(self) -> Iterator[Configuration]:
        """All points in the order of the lists, the last axis changing fastest."""
        for values in itertools.product(*self.axes.values()):
            chosen = dict(zip(self.axes, values, strict=True))
            if not any(
                all(chosen[name] in matched for name, matched in entry.items())
                for entry in self.exclude
            ):
                yield self._configuration(chosen)

    def _configuration(self, chosen: dict[str, Value]) -> Configuration:
        straps = {name: int(chosen[name]) for name in STRAPS if name in chosen}
        base = preset(str(chosen["presets"]))
        where = f"preset {base.name}, harts {chosen['harts']}"
        try:
            base = base.with_harts(int(chosen["harts"]))
            machine = replace(base, straps=replace(base.straps, **straps))
            machine.straps.validate(machine.soc)
        except ConfigError as error:
            raise UserError(f"{self.file}: {where}: {error}; or put it into exclude") from None
        workload, seed = str(chosen["workloads"]), int(chosen["seeds"])
        return Configuration(str(chosen["variants"]), machine, workload, seed, straps)


def read_spec(file: Path) -> Spec:
    """Read and check a specification; UserError says which key is wrong, and what is allowed."""
    try:
        content = tomllib.loads(file.read_text())
    except OSError as error:
        raise UserError(f"cannot read {file}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise UserError(f"{file} is not TOML: {error}") from None
    entries = content.pop("exclude", [])
    given = _axes(content, str(file), "exclude")
    if "variants" not in given:
        raise UserError(f"{file}: variants is missing: a list of {_known('variants')}")
    names = (*_KINDS, *STRAPS)
    axes = {name: (_DEFAULTS | given)[name] for name in names if name in _DEFAULTS | given}
    points = math.prod(len(values) for values in axes.values())
    if points > MOST_POINTS:
        raise UserError(
            f"{file}: its lists make {points:,} points before exclude, and {MOST_POINTS:,} are the "
            "most: shorten them, or make several sweeps"
        )
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise UserError(f"{file}: exclude is no list of tables: start each with [[exclude]]")
    exclude = []
    for number, entry in enumerate(entries, 1):
        where = f"{file}: exclude, entry {number}"
        matched = _axes(entry, where)
        if not matched:
            raise UserError(f"{where} is empty and would exclude everything: name what it matches")
        for name, values in matched.items():
            for value in values:
                if value not in axes.get(name, []):
                    raise UserError(f"{where}: the sweep has no {value!r} in {name}")
        exclude.append(matched)
    spec = Spec(file, axes, exclude)
    if not any(True for _ in spec.configurations()):
        raise UserError(f"{file}: exclude leaves nothing to run")
    return spec


def _axes(table: Mapping[str, object], where: str, *more: str) -> Axes:
    """Check the lists of a specification, or of an entry of its `exclude`."""
    allowed = (*_KINDS, "straps", *more)
    axes: Axes = {}
    for name, values in table.items():
        if name not in allowed:
            raise UserError(f"{where}: unknown key '{name}': use {', '.join(allowed)}")
        if name != "straps":
            axes[name] = _values(values, _KINDS[name], f"{where}: {name}")
            _check(name, axes[name], where)
    straps = table.get("straps", {})
    if not isinstance(straps, dict):
        raise UserError(f"{where}: straps is no table: write [straps], then NAME = [VALUE, ...]")
    for name, values in straps.items():
        if name not in STRAPS:
            raise UserError(f"{where}: no strap '{name}': use {', '.join(STRAPS)}")
        axes[name] = _values(values, int, f"{where}: strap {name}")
    return axes


def _values(values: object, kind: type[Value], where: str) -> list[Value]:
    if not isinstance(values, list) or not values:
        raise UserError(f"{where} is no list with something in it: write [VALUE, ...]")
    for value in values:
        # true is an int to Python.
        if type(value) is not kind:
            raise UserError(f"{where} has {value!r}: each value is {_KIND_NAMES[kind]}")
    return list(dict.fromkeys(values))


def _check(name: str, values: list[Value], where: str) -> None:
    for value in values:
        if name == "seeds" and not 0 <= int(value) < 1 << 64:
            raise UserError(f"{where}: seeds has {value}: use 0 to 2**64 - 1")
        known = {"variants": firmware.policies(), "presets": list(PRESETS)}.get(name)
        if known is not None and value not in known:
            raise UserError(f"{where}: {name} has '{value}': use some of {_known(name)}")


def _known(name: str) -> str:
    names = firmware.policies() if name == "variants" else PRESETS
    return ", ".join(names)


def workload_file(name: str, spec: Path) -> str:
    """What `load` takes: a file that a specification names is found from where it stands."""
    return name if name in BUILTIN or name in DIRECTED else str(spec.parent / name)
