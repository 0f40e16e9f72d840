"""Measured applications: their system-call mixes, page faults and context switches."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import UserError
from .depths import DATA, PAGE_FAULT_SCENARIO, CallModel, Depth, model_of, read_rows, scenario_depth


@dataclass(frozen=True)
class Mix:
    """What an application asked of the kernel in one measured run.

    `calls` pairs each system call with how often it was made, most frequent first; the other
    counts belong to the same amount of work.
    """

    name: str
    calls: tuple[tuple[CallModel, int], ...]
    fault_depth: Depth
    page_faults: int = 0
    voluntary_switches: int = 0
    involuntary_switches: int = 0

    @property
    def system_calls(self) -> int:
        return sum(count for _, count in self.calls)

    @property
    def unknown_calls(self) -> list[str]:
        """Names that are not in the mapping and took the default depth."""
        return [model.name for model, _ in self.calls if not model.known]


def application(name: str, file_system: str = "ext4") -> Mix:
    """Return a measured application, its files on `file_system`."""
    entries = {
        row["application"]: row for row in read_rows(DATA / "application-kernel-entries.csv")
    }
    if name not in entries:
        raise UserError(f"no application '{name}' was measured: use one of {', '.join(entries)}")
    row = entries[name]
    if not row["voluntary_switches"]:
        raise UserError(
            f"the switches of '{name}' were not measured, so that it makes no workload: "
            "use another application"
        )
    kinds = {
        line["system_call"]: line["on"]
        for line in read_rows(DATA / "application-descriptors.csv")
        if line["application"] == name
    }
    calls = tuple(
        (
            model_of(line["system_call"], kinds.get(line["system_call"], "file"), file_system),
            int(line["calls"]),
        )
        for line in read_rows(DATA / "application-system-call-mixes.csv")
        if line["application"] == name
    )
    return Mix(
        name,
        calls,
        scenario_depth(PAGE_FAULT_SCENARIO, file_system),
        int(row["page_faults"]),
        int(row["voluntary_switches"]),
        int(row["involuntary_switches"]),
    )
