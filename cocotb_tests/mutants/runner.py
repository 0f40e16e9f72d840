"""Applies a mutant to a copy of the project and runs the test that has to find it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from sim.cache import PROJECT_ROOT, build_root
from sim.errors import UserError

from .catalogue import Mutant

KILLED, SURVIVED, BROKEN = "killed", "SURVIVED", "BROKEN"

_TIMEOUT_SECONDS = 900
_FAILED_TESTS = 1
"""pytest's exit status when tests ran and some failed."""

_ELABORATE = """
from amaranth.hdl import Fragment
from rtl.config import SocConfig
from sim.testbench import Testbench
Fragment.get(Testbench(SocConfig()), None)
"""
_DOES_NOT_BUILD = re.compile(r"UserError: (?:compiling|linking|verilating) .* failed \(exit")
"""A tool's complaint is no test's: it may not have looked at all."""
_REASON = re.compile(r"^(?:E +|FAILED |ERROR )(.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Outcome:
    """`verdict` is KILLED, SURVIVED, or BROKEN: the patch or its test is of no use."""

    mutant: Mutant
    verdict: str
    detail: str
    seconds: float


def copy_project(target: Path) -> None:
    """Copy the files under version control, as they are in the working tree."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT_ROOT,
        capture_output=True,
        check=False,
    )
    if listing.returncode:
        raise UserError(f"{PROJECT_ROOT} is no git checkout: mutants copy the files of one")
    for name in filter(None, listing.stdout.decode().split("\0")):
        source = PROJECT_ROOT / name
        if source.is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)


def _run(command: list[str], directory: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(directory),
        # Content decides what is in the cache: the mutant's builds stand beside the others.
        "DYNSTACK_BUILD_DIR": str(build_root()),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.run(
        command,
        cwd=directory,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=_TIMEOUT_SECONDS,
    )


def _pytest(test: str, directory: Path) -> subprocess.CompletedProcess[str]:
    return _run([sys.executable, "-m", "pytest", "-q", "-x", test], directory)


def passes_unmutated(test: str) -> str | None:
    """Run a test on the project as it is; return why that says nothing, or None if it passes."""
    with tempfile.TemporaryDirectory(prefix="dynstack-mutant-") as scratch:
        copy_project(Path(scratch))
        try:
            done = _pytest(test, Path(scratch))
        except subprocess.TimeoutExpired:
            return f"{test} does not end in {_TIMEOUT_SECONDS} s without any mutant"
    return None if done.returncode == 0 else f"{test} fails without any mutant: {_last(done)}"


def run(mutant: Mutant) -> Outcome:
    """Apply the mutant and run its killer, which has to run and to fail."""
    started = time.monotonic()

    def outcome(verdict: str, detail: str) -> Outcome:
        return Outcome(mutant, verdict, detail, time.monotonic() - started)

    with tempfile.TemporaryDirectory(prefix="dynstack-mutant-") as scratch:
        directory = Path(scratch)
        copy_project(directory)
        applied = _run(["git", "apply", "--whitespace=nowarn", str(mutant.patch)], directory)
        if applied.returncode:
            return outcome(BROKEN, f"the patch does not apply: {applied.stderr.strip()}")
        if mutant.changes_rtl:
            elaborated = _run([sys.executable, "-c", _ELABORATE], directory)
            if elaborated.returncode:
                return outcome(BROKEN, f"the mutant does not elaborate: {_last(elaborated)}")
        try:
            done = _pytest(mutant.killer, directory)
        except subprocess.TimeoutExpired:
            # That may be a slow build as well as a hang: it is no evidence.
            return outcome(BROKEN, f"{mutant.killer} does not end in {_TIMEOUT_SECONDS} s")
    return outcome(*_verdict(mutant, done))


def _verdict(mutant: Mutant, done: subprocess.CompletedProcess[str]) -> tuple[str, str]:
    """What the killer's run says of the mutant, and why."""
    if done.returncode == 0:
        return SURVIVED, f"{mutant.killer} passes"
    if done.returncode != _FAILED_TESTS:
        return BROKEN, _last(done)
    complaint = _DOES_NOT_BUILD.search(done.stdout)
    if complaint:
        return BROKEN, f"the mutant does not build: {complaint[0]}"
    return KILLED, _last(done)


def _last(done: subprocess.CompletedProcess[str]) -> str:
    """What went wrong, in a line: an assertion where there is one."""
    reasons = _REASON.findall(done.stdout)
    lines = (done.stdout + done.stderr).strip().splitlines()
    return (reasons[0] if reasons else lines[-1] if lines else "no output").strip()[:160]
