"""Reads a dump by cycles: what a signal was while a cycle lasted."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rtl.trace.cycle import StallCause
from sim.waveforms import layout

# A compiled module without stubs.
_pywellen = importlib.import_module("pywellen")

_FIELDS = ("pc", "insn", "mem_write", "mem_paddr", "mem_wdata", "rd_valid", "rd", "rd_data", "trap")


@dataclass(frozen=True)
class Record:
    """One record of the retire port, and the cycle in which it was there."""

    cycle: int
    pc: int
    insn: int
    mem_write: int
    mem_paddr: int
    mem_wdata: int
    rd_valid: int
    rd: int
    rd_data: int
    trap: int

    @property
    def is_sfence_vma(self) -> bool:
        """The encoding of the privileged specification, whatever the registers."""
        return not self.trap and self.insn & 0xFE00_7FFF == 0x1200_0073


class Dump:
    """A dump, FST or VCD, of the cycles from `first` to `last`."""

    def __init__(self, path: Path, hart: int = 0):
        self.hart = hart
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

    def port(self, group: str, name: str) -> np.ndarray:
        """Value of a field of a trace port in each cycle."""
        return self.values(layout.port(self.hart, group, name))

    def cycles_where(self, values: np.ndarray) -> list[int]:
        """Cycles in which a condition holds."""
        return (np.flatnonzero(values) + self.first).tolist()

    def records(self) -> list[Record]:
        """Everything that retired or trapped."""
        fields = {name: self.port("retire", name) for name in _FIELDS}
        return [
            Record(cycle, **{name: int(v[cycle - self.first]) for name, v in fields.items()})
            for cycle in self.cycles_where(self.port("retire", "valid"))
        ]

    def stalls(self, begin: int, end: int) -> list[int]:
        """Cycles by cause, of those after `begin` up to and with `end`."""
        causes = self.port("cycle", "cause")[begin + 1 - self.first : end + 1 - self.first]
        return [int(np.count_nonzero(causes == cause.value)) for cause in StallCause]

    def events(self, name: str, begin: int, end: int) -> int:
        """How often an event happened in these cycles."""
        values = self.port("cycle", f"events__{name}")
        return int(values[begin + 1 - self.first : end + 1 - self.first].sum())


def save_file_signals(path: Path) -> dict[str, int]:
    """Signals that a save file shows, with their widths."""
    signals = {}
    for line in path.read_text().splitlines():
        if line.startswith("+{"):
            reference = line.partition("} ")[2]
            name, _, bits = reference.partition("[")
            signals[name] = int(bits.partition(":")[0]) + 1 if bits else 1
    return signals
