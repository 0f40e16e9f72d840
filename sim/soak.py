"""`dynstack soak`: one policy for hundreds of thousands of system calls, with the oracle on.

Many short runs rather than a long one: the kernel accounts for every page before and after each
(`docs/firmware.md`, self-check), and each has calls, sleeps and migrations of its own. In some,
threads come back again and again to a hart that may remember old pages of their stacks; in others
they use objects on each other's stacks, the last of these on harts that walk unasked. What the
protocol model calls safe there has to be.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rtl.presets import Preset, preset

from . import firmware, model
from .display import Display
from .errors import UserError
from .measure import Run, run_all
from .protocol.conditions import Condition, Conditions
from .protocol.safety import DIRECTED as BROKEN_BY
from .protocol.safety import may_meet_another_page
from .report import console, number, plain_table, print_whole
from .results import require_directory, require_writable, results_root, write_json
from .workload.applications import application
from .workload.builtin import DEFAULT_SEED, DIRECTED, OFTEN
from .workload.generate import generate
from .workload.sharing import sharing
from .workload.threads import Workload
from .workload.wandering import wandering

HARTS = 2
CALLS = 200_000
_CALLS_PER_RUN = 10_000
_MOST = 100_000_000
"""Calls, and the first seed: a strap that gets one has 32 bits, and 0 switches it off."""
_APPLICATION = "find-grep"
"""Its calls are the shortest, so that there are most of them in a given time."""
_RANDOM_TO_OTHERS = 10
"""Runs of that application for each of another kind."""
_ROUNDS = 200
_WANDERERS, _SHARERS = 3, 4
"""Few threads: a hart still remembers their stacks when they come back."""

_MIGRATION = frozenset({Condition.MIGRATION, Condition.REORDER})
"""Harts take pages in an order that depends on refills and on pages that come home."""
_SHARING = _MIGRATION | {Condition.SHARED}
CONDITIONS: dict[str, Conditions] = {
    "random": _MIGRATION,
    "wandering": _MIGRATION,
    "sharing": _SHARING,
    "speculative": _SHARING | {Condition.SPECULATION},
}
"""What happens in runs at random, by their kind, in the words of the protocol model: what it says
may break there may be found there. Luck may spare a policy."""


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
    firmware.require(args.variant)
    if not 1 <= args.calls <= _MOST:
        raise UserError(f"--calls is {args.calls}: use 1 to {_MOST:,}")
    if not 1 <= args.seed <= _MOST:
        raise UserError(f"--seed is {args.seed}: use 1 to {_MOST:,}")
    require_directory(results_root())
    if args.json:
        require_writable(args.json)
    workloads = _workloads(args.variant, args.calls, args.seed)
    with Display(len(workloads)) as display:
        runs = [
            Run(
                args.variant,
                name,
                workload,
                firmware.build_kernel(args.variant, display.step, waits=workload.waits),
                _machine(name, workload.seed),
            )
            for name, workload in workloads.items()
        ]
        model.build(runs[0].preset.soc, display.step)
        summaries = run_all(runs, display)
    if args.json:
        write_json(args.json, {"runs": summaries})
    _print(summaries)
    problems = unexpected(args.variant, summaries)
    for problem in problems:
        console().print(problem)
    return 1 if problems else 0


def _workloads(variant: str, calls: int, seed: int) -> dict[str, Workload]:
    """Runs at random, and the schedules that break what is known to be unsafe; by their names."""
    workloads = {}
    for number_of_run, start in enumerate(range(0, calls, _CALLS_PER_RUN)):
        plan = replace(OFTEN, calls=min(_CALLS_PER_RUN, calls - start))
        made = generate(application(_APPLICATION), plan, seed + number_of_run)
        workloads[f"random-{seed + number_of_run}"] = replace(made, harts=HARTS)
    if variant not in BROKEN_BY["h31"]:  # a run in which threads only change harts ends there
        rounds = max(1, min(_ROUNDS, calls // _SHARERS))
        for number_of_run in range(-(-calls // (_CALLS_PER_RUN * _RANDOM_TO_OTHERS))):
            one = seed + number_of_run
            workloads[f"wandering-{one}"] = wandering(one, _WANDERERS, rounds, HARTS)
            for kind in ("sharing", "speculative"):
                workloads[f"{kind}-{one}"] = sharing(one, _SHARERS, rounds, HARTS)
    at_random = {name: replace(made, counts_damage=True) for name, made in workloads.items()}
    return at_random | {name: make() for name, make in DIRECTED.items()}


def _machine(workload: str, seed: int) -> Preset:
    """That of all runs; for some its walker speculates, and keeps no invalid entries: a trap of a
    hart that remembers one would be no finding, but the end of the run."""
    chosen = preset("rocket").with_harts(HARTS)
    if not workload.startswith("speculative"):
        return chosen
    straps = replace(chosen.straps, speculative_walk_seed=seed, cache_invalid_ptes=0)
    return replace(chosen, straps=straps)


def unexpected(variant: str, summaries: Sequence[dict]) -> list[str]:
    """What is not as it should be: a finding of a policy that is safe there, or one not found."""
    problems = []
    for run in summaries:
        workload = run["workload"]
        kind = workload.partition("-")[0]
        directed = workload in BROKEN_BY
        unsafe = (
            variant in BROKEN_BY[workload]
            if directed
            else may_meet_another_page(variant, CONDITIONS[kind])
        )
        found = run["stale_accesses"] > 0 or run["damaged_frames"] > 0
        if found and not unsafe:
            problems.append(f"{variant} on {workload}: findings, and it should be safe")
        elif unsafe and not found and directed:
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
