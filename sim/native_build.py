"""The C++ around a model: compiled, and linked with the Verilated classes to executables.

Most of it does not know the ports of the machine and is the same for every model: it is compiled
once. Objects are translation units of several sources, which is faster than one for each.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cocotb_tools.config

from . import toolchain
from .cache import PROJECT_ROOT, Progress, cached_build, sources_digest
from .ports import PREFIX
from .simulator import EXECUTABLE

BARE_EXECUTABLE = "bare"

_CXX_FLAGS = ("-std=gnu++20", "-O2", "-Wall", "-Wextra", "-Werror")

_NATIVE = PROJECT_ROOT / "sim" / "native"
_JOBS = 2
_MAIN = {EXECUTABLE: ("main_cocotb", "api"), BARE_EXECUTABLE: ("main_bare",)}
_WITH_PORTS = ("census", "lockstep", "machine", "replay", "results", "trace")
"""Sources of both executables that include the header of the ports."""
_PORTS_UNIT, _COMMON_UNIT = "with_ports", "common"
_TRACE_LIBRARIES = {".fst": ("-llz4", "-lz")}


def sources() -> str:
    """Digest of the C++, the same on every host."""
    return sources_digest(sorted(_NATIVE.glob("*.[ch]pp")))


def key() -> dict:
    """What the objects depend on beside the model and its kind of waves, for a cache key."""
    return {
        "native": sources(),
        "flags": _CXX_FLAGS,
        "g++": toolchain.host_compiler_version(),
        # The executable finds cocotb's library by its path.
        "libraries": str(cocotb_tools.config.libs_dir),
    }


def common(progress: Progress) -> Path:
    """Object of all that is the same for every model, compiled where it is missing."""

    def make(directory: Path) -> None:
        progress("compiling the C++ of all models")
        own = {*_WITH_PORTS, *(part for parts in _MAIN.values() for part in parts)}
        parts = (source.stem for source in sorted(_NATIVE.glob("*.cpp")) if source.stem not in own)
        _compile(_unit(directory, _COMMON_UNIT, parts), directory, [f"-I{_NATIVE}"])

    return cached_build("native", key(), make, progress) / f"{_COMMON_UNIT}.o"


def executables(
    archive: Path, shared: list[Path], directory: Path, *, waves: str | None, coverage: bool
) -> None:
    """Make both executables of the model whose library and headers are in `archive`.

    `shared` are the objects that other models have, too.
    """
    include = toolchain.verilator_root() / "include"
    flags = [f"-DVM_TRACE={int(waves is not None)}"]
    flags += [f"-DVM_COVERAGE={int(coverage)}"]
    flags += [f"-DVM_TRACE_{kind}={int(waves == f'.{kind.lower()}')}" for kind in ("FST", "VCD")]
    flags += [f"-I{_NATIVE}", "-isystem", str(archive)]
    flags += ["-isystem", str(include), "-isystem", str(include / "vltstd")]
    units = [_unit(directory, name, parts) for name, parts in _MAIN.items()]
    units.insert(0, _unit(directory, _PORTS_UNIT, _WITH_PORTS))
    with ThreadPoolExecutor(_JOBS) as pool:
        list(pool.map(lambda unit: _compile(unit, directory, flags), units))
    _link(archive, shared, directory, waves)


def _unit(directory: Path, name: str, parts: Iterable[str]) -> Path:
    unit = directory / f"{name}.cpp"
    unit.write_text("".join(f'#include "{part}.cpp"\n' for part in parts))
    return unit


def _compile(unit: Path, directory: Path, flags: list[str]) -> None:
    command = ["g++", *_CXX_FLAGS, *flags, "-c", "-o", f"{unit.stem}.o", unit.name]
    toolchain.run(command, cwd=directory, what=f"compiling {unit.name}")


def _link(archive: Path, shared: list[Path], directory: Path, waves: str | None) -> None:
    cocotb = str(cocotb_tools.config.libs_dir)
    libraries = {
        # cocotb_machine.py finds the functions of api.cpp in the executable itself.
        EXECUTABLE: ["-rdynamic", f"-L{cocotb}", f"-Wl,-rpath,{cocotb}", "-lcocotbvpi_verilator"],
        BARE_EXECUTABLE: [],
    }
    for name, own in libraries.items():
        objects = [f"{name}.o", f"{_PORTS_UNIT}.o", str(archive / f"lib{PREFIX}.a")]
        objects += map(str, shared)
        command = ["g++", "-pthread", "-o", name, *objects, *own, "-ldl"]
        command += _TRACE_LIBRARIES.get(waves or "", ())
        toolchain.run(command, cwd=directory, what=f"linking {name}")
