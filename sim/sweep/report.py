"""The table at the end of a sweep: policies side by side, over all that else was varied."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from sim.report import number, plain_table, ratio

from .table import Row

_GROUP = ("workload", "harts", "variant")


def sweep_table(rows: Sequence[Row]) -> Table:
    """One row for each workload, number of harts and policy."""
    table = plain_table(
        "Kernel cycles per system call, KiB of stack per thread",
        ["workload", "harts", "policy"],
        ["points", "cycles\nmean", "\nmin", "\nmax", "stack\nmean", "\nmin", "\nmax"],
    )
    groups: dict[tuple, list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in _GROUP), []).append(row)
    # Rows come with the policy changing slowest; the policies of a workload stand together here.
    for axis in (1, 0):
        values = list(dict.fromkeys(group[axis] for group in groups))
        groups = dict(sorted(groups.items(), key=lambda item: values.index(item[0][axis])))
    for group, members in groups.items():
        table.add_row(
            *map(str, group),
            number(len(members)),
            *_spread(members, "cycles_per_syscall", 1),
            *_spread(members, "stack_kib_per_thread", 2),
        )
    return table


def _spread(rows: Sequence[Row], name: str, decimals: int) -> list[str]:
    """Mean, least and largest of a figure, of the points that have it."""
    values = [value for row in rows if isinstance(value := row[name], float)]
    if not values:
        return ["-", "-", "-"]
    figures = (sum(values) / len(values), min(values), max(values))
    return [ratio(figure, decimals) for figure in figures]
