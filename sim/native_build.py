"""The C++ around a model: compiled, and linked with the Verilated classes to executables.

Most of it does not know the ports of the machine and is the same for every model: it is compiled
once. An object is made of several sources, which is faster than one for each.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import cocotb_tools.config

from . import toolchain
from .cache import PROJECT_ROOT, Progress, cached_build, sources_digest
from .ports import PREFIX
from .simulator import EXECUTABLE

BARE_EXECUTABLE = "bare"

_CXX_FLAGS = ("-std=gnu++20", "-O2", "-Wall", "-Wextra", "-Werror")

_NATIVE = PROJECT_ROOT / "sim" / "native"
_MAIN = {EXECUTABLE: ("main_cocotb", "api"), BARE_EXECUTABLE: ("main_bare",)}
_WITH_PORTS = ("census", "lockstep", "machine", "replay", "results", "trace")
"""Sources of both executables that include the header of the ports. With those of `_MAIN` they are
one unit: Verilator's headers take longer to compile than they do."""
_COMMON_UNIT = "common"
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


def executable(
    name: str,
    archive: Path,
    shared: list[Path],
    directory: Path,
    *,
    waves: str | None,
    coverage: bool,
) -> None:
    """Make one of the two executables of the model whose library and headers are in `archive`.

    `shared` are the objects that other models have, too.
    """
    include = toolchain.verilator_root() / "include"
    flags = [f"-DVM_TRACE={int(waves is not None)}"]
    flags += [f"-DVM_COVERAGE={int(coverage)}"]
    flags += [f"-DVM_TRACE_{kind}={int(waves == f'.{kind.lower()}')}" for kind in ("FST", "VCD")]
    flags += [f"-I{_NATIVE}", "-isystem", str(archive)]
    flags += ["-isystem", str(include), "-isystem", str(include / "vltstd")]
    _compile(_unit(directory, name, (*_WITH_PORTS, *_MAIN[name])), directory, flags)
    _link(name, archive, shared, directory, waves)


def _unit(directory: Path, name: str, parts: Iterable[str]) -> Path:
    unit = directory / f"{name}.cpp"
    unit.write_text("".join(f'#include "{part}.cpp"\n' for part in parts))
    return unit


def _compile(unit: Path, directory: Path, flags: list[str]) -> None:
    command = ["g++", *_CXX_FLAGS, *flags, "-c", "-o", f"{unit.stem}.o", unit.name]
    toolchain.run(command, cwd=directory, what=f"compiling {unit.name}")


def _link(name: str, archive: Path, shared: list[Path], directory: Path, waves: str | None) -> None:
    cocotb = str(cocotb_tools.config.libs_dir)
    own = {
        # cocotb_machine.py finds the functions of api.cpp in the executable itself.
        EXECUTABLE: ["-rdynamic", f"-L{cocotb}", f"-Wl,-rpath,{cocotb}", "-lcocotbvpi_verilator"],
        BARE_EXECUTABLE: [],
    }
    command = ["g++", "-pthread", "-o", name, f"{name}.o", str(archive / f"lib{PREFIX}.a")]
    command += [*map(str, shared), *own[name], "-ldl", *_TRACE_LIBRARIES.get(waves or "", ())]
    toolchain.run(command, cwd=directory, what=f"linking {name}")
