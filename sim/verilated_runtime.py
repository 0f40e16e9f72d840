"""Verilator's own runtime, compiled once for all models and benches: it is half of what g++ has to
do for a model, and most of it for a bench.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import toolchain
from .cache import Progress, cached_build, silent

NAMES = ("verilated", "verilated_dpi", "verilated_vpi", "verilated_threads")
"""What every simulation with VPI needs."""

_JOBS = 2
_FLAGS = ("-O2", "-std=gnu++20", "-DVERILATOR=1")
_FEATURES = ("SC", "TIMING", "COVERAGE", "TRACE", "TRACE_FST", "TRACE_VCD", "TRACE_SAIF")


def objects(
    progress: Progress = silent, *, waves: str | None = None, coverage: bool = False
) -> list[Path]:
    """Objects for a simulation, compiled where they are missing.

    `waves` is the suffix of the waveform files that it has to write, or None. What is needed always
    does not depend on the other features, and is compiled without them.
    """
    found = _compiled(NAMES, (), progress)
    if waves:
        kind = waves.removeprefix(".")
        found += _compiled((f"verilated_{kind}_c",), ("TRACE", f"TRACE_{kind.upper()}"), progress)
    if coverage:
        found += _compiled(("verilated_cov",), ("COVERAGE",), progress)
    return found


def _compiled(names: tuple[str, ...], features: tuple[str, ...], progress: Progress) -> list[Path]:
    include = toolchain.verilator_root() / "include"
    flags = [*_FLAGS, *(f"-DVM_{feature}={int(feature in features)}" for feature in _FEATURES)]
    key = {
        "names": names,
        "flags": flags,
        "versions": toolchain.versions(),
        "g++": toolchain.host_compiler_version(),
    }

    def make(directory: Path) -> None:
        def compile_one(name: str) -> None:
            command = ["g++", *flags, f"-I{include}", f"-I{include}/vltstd", "-c"]
            command += ["-o", f"{name}.o", str(include / f"{name}.cpp")]
            toolchain.run(command, cwd=directory, what=f"compiling Verilator's {name}.cpp")

        progress("compiling Verilator's runtime")
        with ThreadPoolExecutor(_JOBS) as pool:
            list(pool.map(compile_one, names))

    directory = cached_build("verilated-runtime", key, make, progress)
    return [directory / f"{name}.o" for name in names]
