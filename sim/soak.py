"""`dynstack soak`: one policy for hundreds of thousands of system calls, with the oracle on.

Many short runs rather than a long one: the kernel accounts for every page before and after each
(`docs/firmware.md`, self-check), and each has calls, sleeps and migrations of its own.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rtl.presets import preset

from . import firmware, model
from .display import Display
from .errors import UserError
from .measure import Run, run_all
from .report import console, number, plain_table, print_whole
from .results import require_directory, require_writable, results_root, write_json
from .workload.applications import application
from .workload.builtin import DEFAULT_SEED, DIRECTED, OFTEN
from .workload.format import Workload
from .workload.generate import generate

HARTS = 2
CALLS = 200_000
_CALLS_PER_RUN = 10_000
_APPLICATION = "find-grep"
"""Its calls are the shortest, so that there are most of them in a given time."""

UNSAFE = {
    "h31": frozenset({"P4"}),
    "h4": frozenset({"P3", "P3-margin", "P4", "P4-migfence", "P5", "P10", "P12"}),
}
"""Which policies a directed schedule breaks: known, and `docs/status.md` says how."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("variant", metavar="VARIANT", help="id of a policy")
    parser.add_argument(
        "--calls",
        type=int,
        default=CALLS,
        help=f"system calls, in runs of {_CALLS_PER_RUN:,} (default: {CALLS:,})",
    )
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="seed of the first run")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file")


def main(args: argparse.Namespace) -> int:
    if args.variant not in firmware.policies():
        raise UserError(f"no policy '{args.variant}': use one of {', '.join(firmware.policies())}")
    if args.calls < 1:
        raise UserError(f"--calls is {args.calls}: use 1 or more")
    require_directory(results_root())
    if args.json:
        require_writable(args.json)
    workloads = _workloads(args.calls, args.seed)
    chosen = preset("rocket").with_harts(HARTS)
    with Display(len(workloads)) as display:
        model.build(chosen.soc, display.step)
        runs = [
            Run(
                args.variant,
                name,
                workload,
                firmware.build_kernel(args.variant, display.step, waits=workload.waits),
                chosen,
            )
            for name, workload in workloads.items()
        ]
        summaries = run_all(runs, display)
    if args.json:
        write_json(args.json, {"runs": summaries})
    _print(summaries)
    problems = unexpected(args.variant, summaries)
    for problem in problems:
        console().print(problem)
    return 1 if problems else 0


def _workloads(calls: int, seed: int) -> dict[str, Workload]:
    """Runs at random, and the schedules that break what is known to be unsafe; by their names."""
    workloads = {}
    for number_of_run, start in enumerate(range(0, calls, _CALLS_PER_RUN)):
        plan = replace(OFTEN, calls=min(_CALLS_PER_RUN, calls - start))
        made = generate(application(_APPLICATION), plan, seed + number_of_run)
        workloads[f"random-{seed + number_of_run}"] = replace(made, harts=HARTS, counts_damage=True)
    return workloads | {name: make() for name, make in DIRECTED.items()}


def unexpected(variant: str, summaries: Sequence[dict]) -> list[str]:
    """What is not as it should be: a finding of a policy that is safe there, or one not found."""
    problems = []
    for run in summaries:
        workload = run["workload"]
        # Threads migrate at random, too; there a policy may be lucky. No objects are shared there.
        unsafe = variant in UNSAFE.get(workload, UNSAFE["h31"])
        found = run["stale_accesses"] > 0 or run["damaged_frames"] > 0
        if found and not unsafe:
            problems.append(f"{variant} on {workload}: findings, and it should be safe")
        elif unsafe and not found and workload in UNSAFE:
            problems.append(f"{variant} on {workload}: nothing found, and it is unsafe")
    return problems


def _print(summaries: Sequence[dict]) -> None:
    table = plain_table(
        f"{summaries[0]['variant']} on {HARTS} harts, oracle on; every page accounted for",
        ["workload"],
        ["system calls", "migrations", "translations checked", "stale accesses", "damaged frames"],
    )
    for run in summaries:
        table.add_row(
            run["workload"],
            number(run["syscalls"]),
            number(run["migrations"]),
            number(run["translations"]["checked"]),
            number(run["stale_accesses"]),
            number(run["damaged_frames"]),
        )
    print_whole(console(), table)
    console().print(f"{number(sum(run['syscalls'] for run in summaries))} system calls")
