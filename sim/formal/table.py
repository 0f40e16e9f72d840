"""The table of `dynstack formal`: one row for each property."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from rich.text import Text

from ..report import console, plain_table, print_whole
from .work import Done


@dataclass(frozen=True)
class Row:
    """A property and what was found.

    `result`: `proved`, `refuted` (a run from reset breaks it) or `not inductive`. `covered`: every
    antecedent occurs. `mutant_step`: in this cycle the mutant breaks it; None: it survives.
    `seconds` of its mutant, and of its share in the proof of its group.
    """

    name: str
    says: str
    size: str
    k: int
    result: str
    covered: bool
    mutant_step: int | None
    seconds: float

    @property
    def ok(self) -> bool:
        return self.result == "proved" and self.covered and self.mutant_step is not None

    def as_dict(self) -> dict:
        return {**asdict(self), "ok": self.ok}


def rows_of(done: Done) -> list[Row]:
    """Rows of a group. An induction that fails proves none of its properties."""
    harness, proof = done.selection.harness, done.proof
    rows = []
    for claim, mutant in zip(done.selection.claims, done.kills, strict=True):
        if proof.inductive:
            result = "proved"
        elif claim.name in proof.refuted:
            result = "refuted"
        else:
            result = "not inductive"
        rows.append(
            Row(
                name=f"{harness.name}.{claim.name}",
                says=claim.says,
                size=harness.size,
                k=proof.k,
                result=result,
                covered=claim.name not in proof.unreached,
                mutant_step=mutant.step,
                seconds=round(mutant.seconds + proof.seconds / len(harness.claims), 1),
            )
        )
    return rows


def print_table(rows: list[Row]) -> None:
    """Print the table, and under it what went wrong."""
    table = plain_table(
        "Properties, by group", ["property", "result", "covers"], ["k", "mutant\nfails in", "s"]
    )
    group = None
    for row in rows:
        name, _, claim = row.name.partition(".")
        if name != group:
            group = name
            table.add_row(Text.assemble((name, "italic"), f": {row.size}"))
        table.add_row(
            f"  {claim}",
            row.result,
            "reached" if row.covered else "NOT REACHED",
            str(row.k),
            "survives" if row.mutant_step is None else f"cycle {row.mutant_step}",
            f"{row.seconds:.1f}",
        )
    output = console()
    print_whole(output, table)
    bad = [row for row in rows if not row.ok]
    seconds = sum(row.seconds for row in rows)
    output.print(
        f"{len(rows) - len(bad)} of {len(rows)} properties proved, reached, and failing on their "
        f"mutants; {seconds:.0f} s of work when they were proved",
        soft_wrap=True,
    )
