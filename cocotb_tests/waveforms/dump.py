"""Reads a dump as the trace ports show it: records, causes and events."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rtl.trace.cycle import StallCause
from sim.waveforms import dump, layout

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


class Dump(dump.Dump):
    """A dump with the trace ports of one hart."""

    def __init__(self, path: Path, hart: int = 0):
        super().__init__(path)
        self.hart = hart

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
