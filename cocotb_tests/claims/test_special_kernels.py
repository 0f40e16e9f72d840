"""Kernels that claims change: the texts that they replace are in `sw/` as it is."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Sequence

import pytest

from sim import firmware
from sim.claims import registry
from sim.claims.lab import Lab
from sim.claims.trial import Change, Trial


class _AskedError(Exception):
    """An experiment wants something of its lab."""


class _Recorder(Lab):
    """A lab that runs nothing, and keeps the kernels of the runs that it is asked for first."""

    kernels: frozenset[tuple[Change, ...]] = frozenset()

    def run(self, trials: Sequence[Trial]):
        self.kernels = frozenset(one.changes for one in trials if one.changes)
        raise _AskedError

    def remember(self, name, key, compute, code):
        raise _AskedError


def kernels(name: str) -> list[tuple[Change, ...]]:
    """Changes of each special kernel of the first runs of a claim."""
    lab = _Recorder()
    with contextlib.suppress(_AskedError):
        registry.claim(name).measure(lab)
    return sorted(lab.kernels, key=str)


NAMES = [name for name in registry.ids() if kernels(name)]


def test_most_special_kernels_are_asked_for_first():
    assert {"H5", "H10", "H11", "H17", "H19", "H20", "H21", "H22", "H27"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_changes_of_a_claim_can_be_made(name, tmp_path):
    for number, changes in enumerate(kernels(name)):
        tree = tmp_path / str(number)
        shutil.copytree(firmware.SOURCES, tree)
        for change in changes:
            change.apply(tree)
