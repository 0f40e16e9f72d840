"""The table of a litmus campaign."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console

from sim.report import plain_table, print_whole

from .campaign import Seen, Summary, allowed, possible
from .definition import Litmus


def print_table(summary: Summary, output: Console) -> None:
    """One row for each test."""
    table = plain_table(
        "Litmus tests",
        ["test", "RVWMO"],
        [
            "iterations",
            "allowed",
            "never seen",
            "forbidden seen",
            "out of order",
            "named, with buffer",
            "without",
        ],
    )
    for test, seen in summary.seen.items():
        named = _condition(test, seen)
        outcomes = seen.outcomes
        table.add_row(
            test.name,
            "allows" if any(map(test.matches, allowed(test))) else "forbids",
            f"{seen.iterations:,}",
            str(len(allowed(test))),
            str(len(allowed(test) - set(outcomes))),
            f"{sum(n for outcome, n in outcomes.items() if outcome not in allowed(test)):,}",
            _out_of_order(test, seen),
            named[True],
            named[False],
        )
    print_whole(output, table)


def _out_of_order(test: Litmus, seen: Seen) -> str:
    """How often what was seen with a store buffer is not sequentially consistent."""
    in_order = possible(test, False)
    return f"{sum(n for outcome, n in seen.counts[True].items() if outcome not in in_order):,}"


def _condition(test: Litmus, seen: Seen) -> dict[bool, str]:
    return {
        buffered: f"{sum(n for outcome, n in counts.items() if test.matches(outcome)):,}"
        if counts
        else "-"
        for buffered, counts in seen.counts.items()
    }


def print_outcomes(test: Litmus, seen: Seen, output: Console) -> None:
    """All outcomes of one test, allowed or seen."""
    table = plain_table(
        f"{test.name}: {test.condition}", ["outcome", ""], ["with buffer", "without"]
    )
    in_order, buffered = possible(test, False), possible(test, True)
    for outcome in sorted(allowed(test) | set(seen.outcomes)):
        if outcome not in allowed(test):
            verdict = "forbidden"
        elif outcome in in_order:
            verdict = "in order"
        else:
            verdict = "store buffer" if outcome in buffered else "weaker machines"
        table.add_row(
            test.describe(outcome),
            verdict,
            f"{seen.counts[True][outcome]:,}",
            f"{seen.counts[False][outcome]:,}",
        )
    print_whole(output, table)


def as_json(seen: Mapping[Litmus, Seen]) -> list[dict]:
    """What `--json` holds of each test."""
    return [
        {
            "name": test.name,
            "condition": test.condition,
            "allowed": any(map(test.matches, allowed(test))),
            "iterations": found.iterations,
            "outcomes": [
                {
                    "values": test.describe(outcome),
                    "allowed": outcome in allowed(test),
                    "with_buffer": found.counts[True][outcome],
                    "without_buffer": found.counts[False][outcome],
                }
                for outcome in sorted(allowed(test) | set(found.outcomes))
            ],
            "never_seen": [
                test.describe(outcome) for outcome in sorted(allowed(test) - set(found.outcomes))
            ],
            "forbidden_seen": sum(
                count for outcome, count in found.outcomes.items() if outcome not in allowed(test)
            ),
        }
        for test, found in seen.items()
    ]
