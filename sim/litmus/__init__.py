"""`dynstack litmus`: short concurrent programs, and the outcomes that RVWMO allows them."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from sim.display import Display
from sim.errors import UserError
from sim.report import console
from sim.results import require_writable, write_json

from .campaign import Finding, Summary, build, run_campaign
from .catalogue import select
from .configurations import DEFAULT_MACHINES, MACHINES, plan
from .report import as_json, print_outcomes, print_table
from .trace import repeat_command, trace

DEFAULT_ITERATIONS = 100_000
_MOST_ITERATIONS = 1_000_000
"""What a run writes has a place of its own in memory."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "names",
        metavar="NAME",
        nargs="*",
        help="run only these, and show all their outcomes: a shape (MP), or a test with wildcards "
        "(MP+*+addr)",
    )
    parser.add_argument(
        "--iterations",
        type=int,
        default=DEFAULT_ITERATIONS,
        metavar="N",
        help="of each shape, in equal parts on its tests and all machines, but at least a quarter "
        "on each test (default: %(default)s)",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=1,
        help="seed of delays, warmth of the caches and stalls (default: %(default)s)",
    )
    parser.add_argument(
        "--machines",
        nargs="+",
        default=list(DEFAULT_MACHINES),
        choices=list(MACHINES),
        metavar="M",
        help=f"of {', '.join(MACHINES)}: the preset with a store buffer, the same without, a "
        f"larger one without for tests of two harts (default: {' '.join(DEFAULT_MACHINES)})",
    )
    parser.add_argument(
        "--workers",
        type=int,
        default=os.cpu_count() or 1,
        metavar="N",
        help="runs at a time (default: %(default)s)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the outcome to this file")


def main(args: argparse.Namespace) -> int:
    """Run the tests and print the table; 1 if anything was seen that must not be."""
    if not 1 <= args.iterations <= _MOST_ITERATIONS:
        raise UserError(f"--iterations is {args.iterations}: use 1 to {_MOST_ITERATIONS}")
    if args.workers < 1:
        raise UserError(f"--workers is {args.workers}: use at least 1")
    if args.json:
        require_writable(args.json)
    tests = select(args.names)
    works = plan(tests, args.iterations, args.seed, list(dict.fromkeys(args.machines)))
    if not works:
        raise UserError("none of these machines has the harts for these tests: add tiny")
    started = time.monotonic()
    with Display(len(works)) as display:
        build(works, display.step)
        built = time.monotonic()
        summary = run_campaign(works, args.workers, display)
    seconds = time.monotonic() - built
    findings = _first_of_each(summary)
    if args.json:
        write_json(args.json, _outcome(args, summary, findings))
    output = console()
    print_table(summary, output)
    for test in tests if args.names else ():
        if test in summary.seen:
            print_outcomes(test, summary.seen[test], output)
    total = sum(seen.iterations for seen in summary.seen.values())
    output.print(
        f"seed {args.seed}: {len(summary.seen)} tests, {total:,} iterations, "
        f"{summary.cycles:,} cycles; {seconds:.0f} s, and {built - started:.0f} s to build",
        soft_wrap=True,
    )
    for finding in findings:
        _tell(finding, args.seed, args.iterations, args.machines)
    return 1 if findings else 0


def _first_of_each(summary: Summary) -> list[Finding]:
    """One finding for each test, or there would be too many to read."""
    return list({finding.test: finding for finding in reversed(summary.findings)}.values())[::-1]


def _tell(finding: Finding, seed: int, iterations: int, machines: Sequence[str]) -> None:
    seen = finding.test.describe(finding.outcome) if finding.outcome else ""
    lines = [f"dynstack: {finding.test.name}: {finding.sentence}", f"  {finding.work.label}"]
    if seen:
        lines.append(f"  {seen}  in iteration {finding.iteration}")
    if not finding.hung:
        lines += [f"  cycle {cycle:,}  hart {hart}  {text}" for cycle, hart, text in trace(finding)]
    lines += ["  to run it again:", f"  {repeat_command(finding, seed, iterations, machines)}"]
    print("\n".join(lines), file=sys.stderr, flush=True)


def _outcome(args: argparse.Namespace, summary: Summary, findings: list[Finding]) -> dict:
    """What `--json` holds."""
    return {
        "seed": args.seed,
        "status": "fail" if findings else "pass",
        "machines": args.machines,
        "cycles": summary.cycles,
        "tests": as_json(summary.seen),
        "findings": [
            {
                "test": finding.test.name,
                "sentence": finding.sentence,
                "machine": finding.work.machine.name,
                "harts": finding.work.harts,
                "iteration": finding.iteration,
                "outcome": finding.test.describe(finding.outcome) if finding.outcome else None,
                "command": repeat_command(finding, args.seed, args.iterations, args.machines),
            }
            for finding in findings
        ],
    }
