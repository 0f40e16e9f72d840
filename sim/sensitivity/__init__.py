"""`dynstack sensitivity`: how the cost of each policy moves with what is least certain."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from rtl.presets import preset
from sim import firmware
from sim.display import Display
from sim.measure import MAIN_POLICIES
from sim.report import console, print_whole
from sim.results import require_directory, require_writable, results_root, write_json
from sim.workload.builtin import BUILTIN, DEFAULT_SEED, load
from sim.workload.validation import validate

from .chart import write_chart
from .outcome import BASELINE, as_json, cost_table, flips
from .settings import SETTINGS
from .study import run_study


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--policy",
        default=",".join(MAIN_POLICIES),
        help=f"ids with commas between, or all; {BASELINE} is always run "
        f"(default: {','.join(MAIN_POLICIES)})",
    )
    parser.add_argument(
        "--workload",
        default="deep-calls",
        metavar="NAME|FILE",
        help=f"a file, or one of {', '.join(BUILTIN)} (default: %(default)s)",
    )
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="seed of the workload")
    parser.add_argument(
        "--charts", type=Path, metavar="DIRECTORY", help="write a chart for each policy, as SVG"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file")


def main(args: argparse.Namespace) -> int:
    policies = list(dict.fromkeys([BASELINE, *firmware.chosen(args.policy)]))
    workload = load(args.workload, args.seed)
    validate(replace(workload, harts=1), f"sensitivity runs one hart: {args.workload}")
    require_directory(results_root())
    if args.charts:
        require_directory(args.charts)
    if args.json:
        require_writable(args.json)
    with Display(len(policies) * sum(1 for s in SETTINGS if s.is_run)) as display:
        study = run_study(policies, Path(args.workload).stem, workload, preset("rocket"), display)
    if args.json:
        write_json(args.json, as_json(study))
    drawn = [policy for policy in policies if args.charts and policy != BASELINE]
    charts = [write_chart(study, policy, args.charts) for policy in drawn]
    output = console()
    print_whole(output, cost_table(study))
    output.print()
    for line in (*flips(study), *(f"chart: {chart}" for chart in charts)):
        output.print(line)
    return 0
