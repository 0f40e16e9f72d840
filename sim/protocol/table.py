"""The table of `dynstack protocol`: what breaks each policy, and how soon."""

from __future__ import annotations

from collections.abc import Sequence

from ..report import console, plain_table, print_whole
from .conditions import Condition, Conditions, in_order
from .directed import workload_that_shows
from .schedule import Fault
from .verdict import Break, Verdict

_FAULTS = {
    Fault.HARMFUL: "another's page",
    Fault.MISSING: "missing page",
    Fault.REMEMBERED: "trap",
    Fault.PAGES: "lost page",
}


def print_table(verdicts: Sequence[Verdict], schedules: bool) -> None:
    """Print a row for each way in which each policy breaks; the schedules too if that is wanted."""
    table = plain_table(
        f"What breaks a policy: {verdicts[0].sizes}",
        ["policy", "verdict", "with"],
        ["steps", "states", "s"],
    )
    table.add_column("workload", vertical="bottom", no_wrap=True)
    for verdict in verdicts:
        seconds = f"{verdict.seconds:.1f}"
        if verdict.always_safe:
            states = max(verdict.safe.values())
            table.add_row(verdict.variant, "safe", "everything", "", f"{states:,}", seconds, "")
        for number, one in enumerate(verdict.breaks):
            table.add_row(
                "" if number else verdict.variant,
                _FAULTS[one.schedule.fault],
                words(one.conditions),
                str(len(one.schedule.steps)),
                f"{one.states:,}",
                "" if number else seconds,
                workload_that_shows(verdict.variant, one.conditions) or "",
            )
    output = console()
    print_whole(output, table)
    most = max(states for verdict in verdicts for states in verdict.safe.values())
    output.print(
        f"\nWithout one of the conditions in each of its rows a policy is safe: all states were "
        f"visited, up to {most:,}.",
        soft_wrap=True,
    )
    for condition in Condition:
        output.print(f"{condition.label}: {condition.meaning}", soft_wrap=True)
    if schedules:
        for verdict in verdicts:
            for one in verdict.breaks:
                output.print(f"\n{verdict.variant}, with {words(one.conditions)}")
                for line in one.schedule.lines():
                    output.print(line, soft_wrap=True)


def words(conditions: Conditions) -> str:
    """Names of conditions; speculation is said once."""
    shown = [
        condition.label
        for condition in in_order(conditions)
        if condition is not Condition.SPECULATION or Condition.UNACCESSED not in conditions
    ]
    return ", ".join(shown) or "nothing"


def as_dict(verdict: Verdict) -> dict:
    """Entry of `--json`."""
    return {
        "variant": verdict.variant,
        "harts": verdict.sizes.harts,
        "threads": verdict.sizes.threads,
        "pages": verdict.sizes.pages,
        "verdict": "safe" if verdict.always_safe else "broken",
        "breaks": [_break(verdict.variant, one) for one in verdict.breaks],
        "safe_under": [
            {"conditions": _names(conditions), "states": states}
            for conditions, states in verdict.safe.items()
        ],
        "seconds": verdict.seconds,
    }


def _break(variant: str, one: Break) -> dict:
    return {
        "conditions": _names(one.conditions),
        "states": one.states,
        "workload": workload_that_shows(variant, one.conditions),
        "length": len(one.schedule.steps),
        **one.schedule.as_dict(),
    }


def _names(conditions: Conditions) -> list[str]:
    return [condition.name.lower() for condition in in_order(conditions)]
