"""The cells of the coverage table: what can happen, what cannot, and why.

Each table has several dimensions; `sim/native/census.cpp` counts in the order given here. A cell
is legal unless one of the table's rules says why it is not.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
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
NOT_WRITTEN = {
    "misa": "Spike would switch extensions off",
}
"""CSRs that programs leave alone, and why."""
