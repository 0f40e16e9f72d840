"""From the model to a verdict: Spin makes a C program that visits all states, and that runs."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .. import toolchain
from ..errors import UserError
from .conditions import Conditions
from .schedule import Fault, Schedule, parse

MODEL = Path(__file__).parent / "model"

_COMPILE = (
    "gcc",
    "-O1",
    "-w",
    "-DBFS",  # breadth first: the first schedule that breaks is one of the shortest
    "-DNOREDUCE",
    "-DSAFETY",
    "-DMEMLIM=6000",
)
_HASH_TABLE = "-w20"
_ERROR = re.compile(r"assertion violated .*?\(at depth \d+\)")
_STATES = re.compile(r"^\s*(\d+) states, stored", re.MULTILINE)
_ASSERTIONS = {
    "others": Fault.HARMFUL,
    "fence_pending": Fault.REMEMBERED,
    "sum": Fault.PAGES,
    "pte": Fault.MISSING,
}
"""A name that only the assertion of this fault has in it."""


@dataclass(frozen=True)
class Sizes:
    """How many there are of what the model counts."""

    harts: int = 2
    threads: int = 2
    pages: int = 2

    def __post_init__(self):
        for name, most in (("harts", 3), ("threads", 3), ("pages", 4)):
            if not 2 <= getattr(self, name) <= most:
                raise UserError(f"--{name} is {getattr(self, name)}: use 2 to {most}")
        if self.harts * self.threads > 6:
            raise UserError("3 harts with 3 threads are too many states: use 2 of one of them")
        if self.pages < self.threads:
            raise UserError(f"{self.threads} threads need as many pages: use --pages")

    def __str__(self) -> str:
        return f"{self.harts} harts, {self.threads} threads, {self.pages} pages"


@dataclass(frozen=True)
class Search:
    """What a search found: a schedule, or that none of the states breaks anything."""

    states: int
    schedule: Schedule | None


def require() -> None:
    """Raise UserError where Spin, or the compiler that it calls, is missing."""
    for tool in ("spin", "gcc"):
        if shutil.which(tool) is None:
            raise UserError(
                f"the protocol model needs {tool}, which is not on PATH: apt-get install {tool}"
            )


def versions() -> list[str]:
    """Of what makes a verdict."""
    spin = subprocess.run(["spin", "-V"], check=True, capture_output=True, text=True).stdout
    return [spin.strip(), toolchain.host_compiler_version()]


def preprocessed(policy: Path, sizes: Sizes) -> str:
    """The whole model of a policy, without comments: what the verdict is about."""
    defines = [f"-D{name.upper()}={getattr(sizes, name)}" for name in ("harts", "threads", "pages")]
    command = ["gcc", "-E", "-P", "-Werror", "-xc", *defines, str(policy)]
    return toolchain.run(command, cwd=policy.parent, what=f"reading the model {policy.name}")


class Program:
    """The compiled model, in a directory of its own."""

    def __init__(self, text: str, directory: Path):
        self.directory = directory
        (directory / "model.pml").write_text(text)
        said = toolchain.run(["spin", "-a", "model.pml"], cwd=directory, what="Spin")
        if not (directory / "pan.c").exists() or "rror" in said:
            raise UserError(f"Spin does not take the model:\n{said}")
        command = [*_COMPILE, "-o", "pan", "pan.c"]
        toolchain.run(command, cwd=directory, what="compiling what Spin made")

    def search(self, conditions: Conditions) -> Search:
        """Visit all states under these conditions, or those up to the first that is wrong."""
        environment = {condition.name: "1" for condition in conditions}
        with tempfile.TemporaryDirectory(dir=self.directory) as scratch:
            # -E: a hart that waits for a page for ever is none of our business.
            said = self._run([_HASH_TABLE, "-E"], Path(scratch), environment)
            found = _STATES.search(said)
            if found is None or "out of memory" in said:
                raise UserError("the model has too many states for 6 GB: use smaller sizes")
            wrong = _ERROR.search(said)
            if wrong is None:
                return Search(int(found[1]), None)
            fault = next(fault for name, fault in _ASSERTIONS.items() if name in wrong[0])
            trail = next(Path(scratch).glob("*.trail"))
            replay = self._run(["-r", trail.name], Path(scratch), environment)
        return Search(int(found[1]), parse(fault, replay))

    def _run(self, options: list[str], directory: Path, environment: dict[str, str]) -> str:
        command = [str(self.directory / "pan"), *options]
        done = subprocess.run(
            command, cwd=directory, env=environment, capture_output=True, text=True, check=False
        )
        return done.stdout + done.stderr
