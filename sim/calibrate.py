"""`dynstack calibrate`: cycles of timed instruction sequences, beside those of real cores.

The sequences are in `sw/microbenchmarks`, the figures of the cores and how they were measured in
`sim/data/rtl-microbenchmarks.*`.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path

from rich.text import Text

from rtl.presets import PRESETS, preset

from . import agreement, core_switches, microbenchmarks
from .display import Display
from .errors import UserError
from .report import console, plain_table, print_whole, ratio
from .results import require_writable, write_json

DATA = Path(__file__).parent / "data" / "rtl-microbenchmarks.csv"
_CORES = {"rocket": "rocket", "cva6": "cva6"}
"""Preset and the core that it is compared with; other presets have no reference."""
_DEFAULT_LATENCIES = (2, 20)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--preset", default="rocket", help=f"one of {', '.join(PRESETS)}")
    parser.add_argument(
        "--latency",
        type=int,
        metavar="N",
        help="DRAM latency in cycles (default: each of "
        f"{' and '.join(map(str, _DEFAULT_LATENCIES))})",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows to this file")


def main(args: argparse.Namespace) -> int:
    chosen = preset(args.preset)
    if args.json:
        require_writable(args.json)
    latencies = _DEFAULT_LATENCIES if args.latency is None else (args.latency,)
    rows: list[dict] = []
    with Display(len(latencies)) as display:
        for latency in latencies:
            measured = microbenchmarks.run(chosen, latency, display.step)
            measured |= microbenchmarks.run_harts(chosen, latency, display.step)
            rows += compare(chosen.name, latency, measured)
    if args.json:
        write_json(args.json, {"rows": rows})
    print_rows(rows)
    # Rocket is the core that the hart is built after; of CVA6 it has switches.
    about = agreement.summary if chosen.name == "rocket" else core_switches.summary
    for line in about(rows):
        console().print(line)
    return 0


def compare(
    preset_name: str, latency: int, measured: dict[str, microbenchmarks.Measurement]
) -> list[dict]:
    """Rows of `calibrate --json`: one for each sequence, in the order of the data.

    `reference`, `error_percent` and `agrees` are None where nothing was measured on the core.
    Raises UserError if program and data do not have the same rows.
    """
    with DATA.open(newline="") as file:
        data = list(csv.DictReader(file))
    differing = {row["id"] for row in data} ^ set(measured)
    if differing:
        raise UserError(f"only one of the microbenchmarks and their data has {sorted(differing)}")
    column = f"{_CORES.get(preset_name)}_lat{latency}"
    rows = []
    for row in data:
        model = round(measured[row["id"]].cycles, 2)
        reference = float(row[column]) if row.get(column) else None
        error = agrees = None
        if reference is not None:
            error = round(100 * (model - reference) / reference, 1)
            agrees = agreement.agrees(model, reference, measured[row["id"]].operations)
        rows.append(
            {
                "id": row["id"],
                "group": row["group"],
                "preset": preset_name,
                "latency": latency,
                "reference": reference,
                "model": model,
                "error_percent": error,
                "agrees": agrees,
            }
        )
    return rows


def print_rows(rows: Sequence[dict]) -> None:
    """Print a table for each latency: a line for each sequence, under the name of its group."""
    output = console()
    for latency in dict.fromkeys(row["latency"] for row in rows):
        chosen = [row for row in rows if row["latency"] == latency]
        lines = plain_table(
            f"Cycles on preset {chosen[0]['preset']}, DRAM latency {latency}",
            ["sequence"],
            ["model", "core", "error %"],
        )
        group = None
        for row in chosen:
            if row["group"] != group:
                group = row["group"]
                lines.add_row(Text(group, style="italic"))
            lines.add_row(
                f"  {row['id']}",
                ratio(row["model"], 2),
                ratio(row["reference"], 2),
                ratio(row["error_percent"], 1),
            )
        print_whole(output, lines)
        output.print()
