"""Proves the claims of a harness, and shows that each fails on its mutant; cached by content."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import astuple, dataclass
from pathlib import Path

from ..cache import PROJECT_ROOT, cached_build, sources_digest
from ..errors import UserError
from . import solver
from .harness import INVARIANT, Claim, Harness, Mutant


@dataclass(frozen=True)
class Proof:
    """Verdict over a harness.

    `inductive`: everything is proved. If not, `refuted` are the claims with a counterexample from
    reset on, and `stuck` those with one that starts in some state that keeps all claims.
    `unreached`: claims of which an antecedent never occurs.
    """

    k: int
    inductive: bool
    refuted: tuple[str, ...]
    stuck: tuple[str, ...]
    unreached: tuple[str, ...]
    seconds: float
    directory: Path


@dataclass(frozen=True)
class Kill:
    """Verdict over a mutant: `step` is the cycle of its counterexample, None if it survives."""

    step: int | None
    seconds: float


def prove(harness: Harness, mutant: Mutant | None = None) -> Proof:
    """Base case, induction and covers of all claims of a harness, over the RTL or a mutant."""
    design = _design(harness, mutant)
    directory = _cached(design, {"depth": harness.depth, "reach": harness.reach}, None, _prove)
    result = solver.read(directory)
    unknown = set(result["claims"]) ^ {claim.name for claim in harness.claims}
    if unknown:
        raise UserError(f"harness {harness.name}: claimed or listed alone: {sorted(unknown)}")
    return Proof(
        k=result["k"],
        inductive=result["inductive"],
        refuted=tuple(result["refuted"]),
        stuck=tuple(result["stuck"]),
        unreached=tuple(result["unreached"]),
        seconds=result["seconds"],
        directory=directory,
    )


def kill(harness: Harness, claim: Claim) -> Kill:
    """Look for a counterexample to one claim in its mutant, from reset on."""
    design = _design(harness, claim.mutant)
    numbers = {"late": claim.late, "reach": harness.reach}
    directory = _cached(design, numbers, claim.name, _kill)
    result = solver.read(directory)
    return Kill(result["step"], result["seconds"])


def _prove(directory: Path, depth: int, reach: int) -> dict:
    base = solver.search(directory, "-t", str(depth), trace="base")
    induction = solver.search(directory, "-i", "-t", str(depth), trace="induction")
    cover = solver.search(directory, "-c", "-t", str(reach), trace="cover%")
    names = solver.assertions(directory)
    return {
        "claims": sorted(name for name in names if not name.startswith(INVARIANT)),
        "k": depth - induction.step if induction.passed else depth,
        "inductive": base.passed and induction.passed,
        "refuted": sorted(base.failed),
        "stuck": sorted(induction.failed),
        "unreached": sorted(cover.unreached),
    }


def _kill(directory: Path, late: int, reach: int) -> dict:
    search = solver.search(directory, "-t", f"{late}:{late + reach}", trace="counterexample")
    return {"step": None if search.passed else search.step}


def _cached(design: Path, numbers: dict[str, int], only: str | None, work) -> Path:
    """Directory with the verdict of `work`, which gets a directory with `design.smt2`."""
    text = (design / "design.il").read_text()
    looks = json.loads((design / "looks.json").read_text())
    commands = solver.script(looks, only)
    source = [Path(solver.__file__), Path(__file__)]
    key = {
        "design": text,
        "commands": commands,
        "numbers": numbers,
        "source": sources_digest(source),
        "versions": solver.versions(),
    }

    def build(directory: Path) -> None:
        start = time.monotonic()
        (directory / "design.il").write_text(text)
        solver.translate(directory, commands)
        result = work(directory, **numbers)
        solver.write(directory, {**result, "seconds": time.monotonic() - start})

    return cached_build("formal-proof", key, build)


def _design(harness: Harness, mutant: Mutant | None) -> Path:
    """Directory with the RTLIL of a harness, over the RTL with or without a mutant in it."""
    rtl = sorted((PROJECT_ROOT / "rtl").rglob("*.py"))
    formal = sorted(Path(__file__).parent.rglob("*.py"))
    key = {
        "rtl": sources_digest(rtl),
        "formal": sources_digest(formal),
        "harness": harness.name,
        "mutant": None if mutant is None else astuple(mutant),
        "versions": solver.versions(),
    }

    def build(directory: Path) -> None:
        if mutant is not None:
            _mutate(directory, mutant)
        # Modules are looked for in the directory first: there the mutant's `rtl` is.
        done = subprocess.run(
            [sys.executable, "-m", "sim.formal.elaborate", harness.name, str(directory)],
            cwd=directory,
            env={**os.environ, "PYTHONPATH": str(PROJECT_ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise UserError(f"harness {harness.name} does not elaborate:\n{done.stderr[-3000:]}")
        shutil.rmtree(directory / "rtl", ignore_errors=True)

    return cached_build("formal-design", key, build)


def _mutate(directory: Path, mutant: Mutant) -> None:
    """Copy the RTL into a directory and put the mutant in."""
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PROJECT_ROOT / "rtl", directory / "rtl", ignore=ignore)
    (directory / mutant.path).write_text(mutated(mutant))


def mutated(mutant: Mutant) -> str:
    """Its file with the mutant; raise UserError where the RTL has changed so that it is no more."""
    text = (PROJECT_ROOT / mutant.path).read_text()
    for old, new in filter(None, ((mutant.old, mutant.new), mutant.sooner)):
        if text.count(old) != 1:
            raise UserError(
                f"a mutant of {mutant.path} does not apply: the text {old!r} is there "
                f"{text.count(old)} times; adapt the mutant to the RTL"
            )
        text = text.replace(old, new)
    return text
