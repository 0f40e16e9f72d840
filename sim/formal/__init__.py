"""`dynstack formal`: prove properties of the hart's parts without bound, at small sizes."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from ..errors import UserError
from ..results import require_writable, write_json
from . import solver
from .properties import harnesses
from .table import Row, print_table, rows_of
from .work import Selection, prove_all, select


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "names",
        metavar="NAME",
        nargs="*",
        help="prove only these: a group (sector_bank) or a property of one (sector_bank.one_hit)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the table to this file")
    parser.add_argument(
        "--jobs",
        type=int,
        default=os.cpu_count() or 1,
        metavar="N",
        help="proofs at a time (default: %(default)s)",
    )


def main(args: argparse.Namespace) -> int:
    """Prove, and print the table; 1 if anything is not proved or a mutant survives."""
    solver.require()
    if args.jobs < 1:
        raise UserError(f"--jobs is {args.jobs}: use at least 1")
    if args.json:
        require_writable(args.json)
    rows = prove_rows(select(harnesses(), args.names), args.jobs)
    if args.json:
        write_json(args.json, [row.as_dict() for row in rows])
    print_table(rows)
    return 0 if all(row.ok for row in rows) else 1


def prove_rows(selections: list[Selection], jobs: int) -> list[Row]:
    """Prove what is selected, `jobs` at a time; one row for each property."""
    return [row for done in prove_all(selections, jobs) for row in rows_of(done)]
