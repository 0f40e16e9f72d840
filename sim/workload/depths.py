"""How deep each system call goes, and how deep its thread sleeps: measured distributions.

A call's name selects a measured scenario through `sim/data/system-call-scenarios.csv`, by what
its descriptors are (`file`, `socket`, `pipe`, `lock`); the scenario's minimum, mean and maximum
over 20 repetitions become a distribution that keeps all three.
"""

from __future__ import annotations

import csv
import functools
from dataclasses import dataclass
from pathlib import Path

from ..errors import UserError
from .draws import Draws
from .threads import DEPTH_STEP, MAX_DEPTH, REGISTER_FRAME

DATA = Path(__file__).resolve().parent.parent / "data"
DEFAULT_CALL = "*"
FILE_SYSTEMS = ("tmpfs", "ext4", "xfs", "btrfs")
PAGE_FAULT_SCENARIO = "page_fault_anon"
YIELD_SCENARIO = "sched_yield"


@dataclass(frozen=True)
class Depth:
    """Bytes of kernel stack: a minimum, a mean and a maximum.

    Drawn as two values, the maximum with probability (mean - minimum) / (maximum - minimum) and
    the minimum otherwise. This is how the measurement spreads: a call has one depth, and now and
    then an interrupt lands on top of it.
    """

    minimum: int
    mean: int
    maximum: int

    def draw(self, draws: Draws) -> int:
        if self.maximum == self.minimum:
            return self.minimum
        deep = draws.chance(self.mean - self.minimum, self.maximum - self.minimum)
        return self.maximum if deep else self.minimum

    def validated(self, where: str) -> Depth:
        """Return self, or raise UserError that names the place of unusable figures."""
        if not REGISTER_FRAME <= self.minimum <= self.mean <= self.maximum <= MAX_DEPTH:
            raise UserError(
                f"{where}: min, mean and max are {self.minimum}, {self.mean}, {self.maximum} "
                f"bytes; they must rise from at least {REGISTER_FRAME} to at most {MAX_DEPTH}"
            )
        return self


@dataclass(frozen=True)
class SleepDepth:
    """Bytes of stack in use while asleep; between the ends nothing is known: uniform."""

    minimum: int
    maximum: int

    def draw(self, draws: Draws) -> int:
        return draws.between(self.minimum, self.maximum, DEPTH_STEP)


@dataclass(frozen=True)
class CallModel:
    """What one system call of a workload does to the stack.

    `sleep_rank` says who sleeps when a workload has fewer sleeps than calls that could: 1 waits by
    its nature, 2 waits only at times, 0 never sleeps. `known` is False for a name that had to
    take the default.
    """

    name: str
    scenario: str
    depth: Depth
    sleep_rank: int = 0
    sleep: SleepDepth | None = None
    depth_asleep: Depth | None = None
    known: bool = True


@dataclass(frozen=True)
class _Mapping:
    scenario: str
    scenario_asleep: str
    sleeps_as: str
    sleep_rank: int


def read_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file with a header line, as dictionaries."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@functools.cache
def _scenarios() -> dict[tuple[str, str], Depth]:
    rows = read_rows(DATA / "linux-6.1-riscv64-kernel-stack-depth.csv")
    return {
        (row["scenario"], row["subsystem"]): Depth(
            int(row["min_bytes"]), int(row["mean_bytes"]), int(row["max_bytes"])
        )
        for row in rows
    }


@functools.cache
def _sleeps() -> dict[str, SleepDepth]:
    rows = read_rows(DATA / "linux-6.1-riscv64-sleep-depth.csv")
    return {row["what"]: SleepDepth(int(row["min_bytes"]), int(row["max_bytes"])) for row in rows}


@functools.cache
def _mappings() -> dict[tuple[str, str], _Mapping]:
    return {
        (row["system_call"], row["on"]): _Mapping(
            row["scenario"],
            row["scenario_asleep"] or row["scenario"],
            row["sleeps_as"],
            int(row["sleep_rank"] or 0),
        )
        for row in read_rows(DATA / "system-call-scenarios.csv")
    }


def scenario_depth(scenario: str, file_system: str) -> Depth:
    """Return the measured depth of a scenario; file scenarios take that of the file system."""
    depths = _scenarios()
    return depths.get((scenario, "core")) or depths[(scenario, file_system)]


def sleep_depth(what: str) -> SleepDepth:
    """Return the measured stack in use of one way to sleep, or of an idle kernel thread."""
    return _sleeps()[what]


def model_of(name: str, on: str = "file", file_system: str = "ext4") -> CallModel:
    """Return the model of a system call that acts on descriptors of kind `on`."""
    if file_system not in FILE_SYSTEMS:
        raise UserError(
            f"no depths were measured on '{file_system}': use one of {', '.join(FILE_SYSTEMS)}"
        )
    mappings = _mappings()
    mapping = next((m for kind in (on, "any", "file") if (m := mappings.get((name, kind)))), None)
    known = mapping is not None
    if mapping is None:
        mapping = mappings[(DEFAULT_CALL, "any")]
    sleeps = bool(mapping.sleep_rank)
    return CallModel(
        name,
        mapping.scenario,
        scenario_depth(mapping.scenario, file_system),
        mapping.sleep_rank,
        sleep_depth(mapping.sleeps_as) if sleeps else None,
        scenario_depth(mapping.scenario_asleep, file_system) if sleeps else None,
        known,
    )
