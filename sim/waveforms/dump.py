"""Reads a dump by cycles: what a signal was while a cycle lasted."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np

from . import layout

# A compiled module without stubs.
_pywellen = importlib.import_module("pywellen")


class Dump:
    """A dump, FST or VCD, of the cycles from `first` to `last`."""

    def __init__(self, path: Path):
        self._signals = {var.full_name: var for var in _pywellen.Waveform(str(path)).all_vars()}
        times = [time for time, _ in self._signals[layout.CLOCK].tv]
        self.first = times[0] // layout.CYCLE
        self.last = times[-1] // layout.CYCLE

    def widths(self) -> dict[str, int]:
        """Width of every signal by its full name."""
        return {name: var.bitwidth for name, var in self._signals.items()}

    def values(self, name: str) -> np.ndarray:
        """Value in each cycle, after its rising edge."""
        changes = self._signals[name].tv
        times = [time for time, _ in changes]
        edges = np.arange(self.first, self.last + 1) * layout.CYCLE
        index = np.searchsorted(times, edges, side="right") - 1
        return np.array([value for _, value in changes], dtype=np.uint64)[index]
