"""The coverage table: what can happen, what cannot and why, and what did happen.

A table counts what the retire port showed, by several dimensions; `sim/native/census.cpp` counts in
the order given here. A cell is legal unless one of the table's rules says why it is not.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from rtl.isa.csr_address import CsrAddress

MODES = ("U", "S", "-", "M")
ACCESSES = ("fetch", "load", "store", "AMO")
PAGE_SIZES = ("4 KiB", "2 MiB", "1 GiB")
OUTCOMES = ("done", "page fault", "access fault")
FENCES = ("all", "address", "ASID", "address, ASID", "Svinval")
VIEWS = ("U", "S", "M by MPRV")
REASONS = (
    "V=0",
    "W without R",
    "reserved bits",
    "pointer in the last table",
    "pointer with A, D or U",
    "misaligned superpage",
    "U=0 in U-mode",
    "U=1 in S-mode",
    "not readable",
    "not writable",
    "not executable",
    "A=0",
    "D=0",
    "address not canonical",
)
EXCEPTIONS = (
    "fetch misaligned",
    "fetch access fault",
    "illegal instruction",
    "breakpoint",
    "load misaligned",
    "load access fault",
    "store misaligned",
    "store access fault",
    "call from U",
    "call from S",
    "-",
    "call from M",
    "fetch page fault",
    "load page fault",
    "-",
    "store page fault",
)
_INTERRUPT_NAMES = {1: "SSI", 3: "MSI", 5: "STI", 7: "MTI", 9: "SEI", 11: "MEI"}
INTERRUPTS = tuple(_INTERRUPT_NAMES.get(code, "-") for code in range(16))

Cell = tuple[str, ...]
Rule = tuple[str, Callable[..., bool]]
"""A reason, and which cells it makes illegal."""


@dataclass(frozen=True)
class Table:
    """One table: names of the dimensions, their values, and why cells are illegal."""

    name: str
    dimensions: dict[str, tuple[str, ...]]
    rules: tuple[Rule, ...] = field(default=())

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(values) for values in self.dimensions.values())

    def cells(self) -> list[Cell]:
        """All cells, in the order of the counts."""
        return list(itertools.product(*self.dimensions.values()))

    def why_illegal(self, cell: Cell) -> str | None:
        return next((reason for reason, applies in self.rules if applies(*cell)), None)

    def legal(self) -> np.ndarray:
        flags = [self.why_illegal(cell) is None for cell in self.cells()]
        return np.array(flags).reshape(self.shape)


_TRAP_RULES: tuple[Rule, ...] = (
    ("no such cause or mode", lambda cause, source, to: "-" in (cause, source, to)),
    ("a trap never goes to U-mode", lambda cause, source, to: to == "U"),
    ("a trap out of M-mode is not delegated", lambda cause, source, to: (source, to) == ("M", "S")),
)

TABLES = (
    Table(
        "translations",
        {
            "access": ACCESSES,
            "mode": VIEWS,
            "page": PAGE_SIZES,
            "outcome": OUTCOMES,
            "last fence": FENCES,
        },
        (
            (
                "MPRV does not change fetches",
                lambda access, mode, *_: access == "fetch" and mode == "M by MPRV",
            ),
        ),
    ),
    Table(
        "faults",
        {"reason": REASONS, "access": ACCESSES, "page": PAGE_SIZES},
        (
            (
                "only a pointer in the last table is one",
                lambda reason, access, page: reason == REASONS[3] and page != "4 KiB",
            ),
            (
                "the last table holds no pointers",
                lambda reason, access, page: reason == REASONS[4] and page == "4 KiB",
            ),
            (
                "a page of 4 KiB is aligned",
                lambda reason, access, page: reason == REASONS[5] and page == "4 KiB",
            ),
            (
                "loads need R alone",
                lambda reason, access, page: reason == REASONS[8] and access != "load",
            ),
            (
                "only stores and AMOs need W and D",
                lambda reason, access, page: (
                    reason in (REASONS[9], REASONS[12]) and access in ("fetch", "load")
                ),
            ),
            (
                "only fetches need X",
                lambda reason, access, page: reason == REASONS[10] and access != "fetch",
            ),
            (
                "found before any table is read: counted at the root",
                lambda reason, access, page: reason == REASONS[13] and page != "1 GiB",
            ),
        ),
    ),
    Table(
        "exceptions",
        {"cause": EXCEPTIONS, "from": MODES, "to": MODES},
        (
            *_TRAP_RULES,
            (
                "16-bit instructions: every target is aligned",
                lambda cause, *_: cause == "fetch misaligned",
            ),
            (
                "the call of another mode",
                lambda cause, source, to: cause.startswith("call") and cause[-1] != source,
            ),
            (
                "M-mode's fetches are not translated",
                lambda cause, source, to: (cause, source) == ("fetch page fault", "M"),
            ),
        ),
    ),
    Table(
        "interrupts",
        {"interrupt": INTERRUPTS, "from": MODES, "to": MODES},
        (
            *_TRAP_RULES,
            ("no external interrupt controller", lambda interrupt, *_: interrupt == "MEI"),
            (
                "interrupts of M-mode are not delegable",
                lambda interrupt, source, to: interrupt[0] == "M" and to == "S",
            ),
        ),
    ),
    Table(
        "fences",
        {"kind": ("sfence.vma", "sinval.vma"), "form": FENCES[:4], "mode": MODES},
        (("illegal in U-mode, and traps", lambda kind, form, mode: mode in ("U", "-")),),
    ),
    Table(
        "returns",
        {"instruction": ("mret", "sret"), "from": MODES, "to": MODES},
        (
            ("no such mode", lambda instruction, source, to: "-" in (source, to)),
            ("illegal in U-mode", lambda instruction, source, to: source == "U"),
            (
                "mret is illegal in S-mode",
                lambda instruction, source, to: (instruction, source) == ("mret", "S"),
            ),
            (
                "sret does not lead to M-mode",
                lambda instruction, source, to: (instruction, to) == ("sret", "M"),
            ),
        ),
    ),
)
"""All tables but that of the CSRs, which is `CSRS`."""

READ_ONLY = 3
"""Bits 11:10 of the number of a CSR that cannot be written."""

CSRS = {csr.name.lower(): csr.value for csr in CsrAddress}
_NOT_WRITTEN = {
    "misa": "Spike would switch extensions off",
}


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
            if writes == 0 and address >> 10 != READ_ONLY and name not in _NOT_WRITTEN:
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
