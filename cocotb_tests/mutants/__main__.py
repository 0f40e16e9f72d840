"""`make mutants`: applies every mutant, and tells which test finds it.

    python -m cocotb_tests.mutants [NAME ...] [--json FILE]

Exit status 1 if one survives, or its patch or test is of no use.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.markup import escape

from sim.display import Display
from sim.errors import UserError
from sim.report import console, plain_table, print_whole
from sim.results import require_writable, write_json

from . import catalogue, runner

_WORKERS = 2


def _judge(chosen: list[catalogue.Mutant]) -> list[runner.Outcome]:
    with Display(len(chosen)) as display, ThreadPoolExecutor(_WORKERS) as pool:

        def judge(mutant: catalogue.Mutant) -> runner.Outcome:
            display.started(mutant.name)
            outcome = runner.run(mutant)
            display.finished(mutant.name, outcome.verdict)
            return outcome

        tests = list(dict.fromkeys(mutant.killer for mutant in chosen))
        display.step(f"running {len(tests)} tests without mutants first")
        useless = dict(zip(tests, pool.map(runner.passes_unmutated, tests), strict=True))
        broken = [
            runner.Outcome(mutant, runner.BROKEN, reason, 0)
            for mutant in chosen
            if (reason := useless[mutant.killer])
        ]
        return broken + list(pool.map(judge, [m for m in chosen if not useless[m.killer]]))


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="make mutants", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="mutants (default: all)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the outcomes to this file")
    options = parser.parse_args(arguments)
    if options.json:
        require_writable(options.json)
    outcomes = _judge(catalogue.mutants(options.names))

    lines = plain_table("Mutants", ["class", "mutant", "verdict", "killed by"], ["s"])
    for outcome in outcomes:
        lines.add_row(
            str(outcome.mutant.bug_class),
            outcome.mutant.name,
            outcome.verdict,
            # A test's parameters are in brackets, which are no markup here.
            escape(outcome.mutant.killer.removeprefix("cocotb_tests/")),
            f"{outcome.seconds:.0f}",
        )
    output = console()
    print_whole(output, lines)
    survivors = [outcome for outcome in outcomes if outcome.verdict != runner.KILLED]
    for outcome in survivors:
        output.print(
            f"{outcome.mutant.name}: {outcome.verdict}: {outcome.detail}",
            markup=False,
            soft_wrap=True,
        )
    output.print(f"{len(outcomes) - len(survivors)} of {len(outcomes)} killed")
    if options.json:
        write_json(options.json, {"mutants": [_as_dict(outcome) for outcome in outcomes]})
    return 1 if survivors else 0


def _as_dict(outcome: runner.Outcome) -> dict:
    return {
        "name": outcome.mutant.name,
        "class": outcome.mutant.bug_class,
        "bug": outcome.mutant.bug,
        "killed_by": outcome.mutant.killer,
        "verdict": outcome.verdict,
        "detail": outcome.detail,
    }


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except UserError as error:
        print(f"mutants: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("mutants: interrupted", file=sys.stderr)
        sys.exit(130)
