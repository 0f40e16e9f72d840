"""What tests of the protocol model share."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sim.protocol.conditions import Condition
from sim.protocol.program import MODEL, Program, Search, Sizes, preprocessed
from sim.protocol.verdict import variants

SIZES = Sizes()


def require_spin() -> None:
    if not shutil.which("spin"):
        pytest.skip("no spin on PATH: apt-get install spin")


def changed_model(directory: Path, file: str, old: str, new: str) -> Path:
    """A copy of the model in which `old`, which must be there, is `new`."""
    model = directory / "model"
    shutil.copytree(MODEL, model)
    text = (model / file).read_text()
    assert old in text
    (model / file).write_text(text.replace(old, new))
    return model


def search(model: Path, variant: str, *conditions: Condition) -> Search:
    """Search under just these conditions; nothing is cached."""
    text = preprocessed(variants(model)[variant], SIZES)
    directory = model.parent / "program"
    directory.mkdir()
    return Program(text, directory).search(frozenset(conditions))
