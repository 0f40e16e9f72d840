"""All harnesses, one module for each part of the machine."""

from __future__ import annotations

import importlib
import pkgutil

from ..harness import Harness


def harnesses() -> dict[str, Harness]:
    """Every harness by name, in alphabetical order."""
    modules = sorted(
        module.name for module in pkgutil.iter_modules(__path__) if module.name[0] != "_"
    )
    found = [importlib.import_module(f"{__name__}.{name}").HARNESS for name in modules]
    return {one.name: one for one in found}


def harness(name: str) -> Harness:
    """The harness of that name; its module is called the same. Raises KeyError."""
    return harnesses()[name]
