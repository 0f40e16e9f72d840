"""What the retire port of any number of runs showed, counted by the cells of the coverage table."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .cells import CSRS, NOT_WRITTEN, READ_ONLY, TABLES, Cell


class Census:
    """Counts of any number of runs."""

    def __init__(self) -> None:
        self.counts = {table.name: np.zeros(table.shape, dtype=np.int64) for table in TABLES}
        self.csrs: dict[int, np.ndarray] = {}
        self.most_executed = 0

    def add(self, raw: Mapping) -> None:
        """Add what `sim.job.JobResult.census` holds."""
        for table in TABLES:
            self.counts[table.name] += np.array(raw[table.name]).reshape(table.shape)
        for address, counts in raw["csrs"].items():
            total = self.csrs.setdefault(int(address), np.zeros(2, dtype=np.int64))
            total += counts
        self.most_executed = max(self.most_executed, raw["most_executed"])

    def empty(self) -> list[tuple[str, Cell]]:
        """Legal cells in which nothing was counted."""
        found: list[tuple[str, Cell]] = []
        for table in TABLES:
            missing = table.legal() & (self.counts[table.name] == 0)
            cells = table.cells()
            found += [(table.name, cells[index]) for index in np.flatnonzero(missing)]
        for name, address in CSRS.items():
            reads, writes = self.csrs.get(address, (0, 0))
            if reads == 0:
                found.append(("csrs", (name, "read")))
            if writes == 0 and address >> 10 != READ_ONLY and name not in NOT_WRITTEN:
                found.append(("csrs", (name, "written")))
        return found

    def illegal(self) -> list[tuple[str, Cell, str]]:
        """Cells in which something was counted although it cannot happen, with the reason."""
        found = []
        for table in TABLES:
            present = self.counts[table.name] > 0
            for index in np.flatnonzero(present & ~table.legal()):
                cell = table.cells()[index]
                found.append((table.name, cell, table.why_illegal(cell) or ""))
        return found

    def as_dict(self) -> dict:
        """For JSON: by table, the legal cells as text with their counts."""
        result: dict = {}
        for table in TABLES:
            flat, legal = self.counts[table.name].ravel(), table.legal().ravel()
            result[table.name] = {
                " / ".join(cell): int(flat[index])
                for index, cell in enumerate(table.cells())
                if legal[index]
            }
        result["csrs"] = {
            name: [int(count) for count in self.csrs.get(address, (0, 0))]
            for name, address in CSRS.items()
        }
        return result
