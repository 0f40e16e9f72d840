"""From the Amaranth machine to executables: Verilog, Verilator, C++; each step cached by content.

A model is a directory with `attached`, the machine with cocotb in it; `build_bare` makes `bare`,
the same in a plain loop. A machine has up to two models: one without tracing, for speed, and one
that writes waves, built only when they are asked for.
"""

from __future__ import annotations

import shlex
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rtl.config import SocConfig
from rtl.presets import PRESETS

from . import coverage, native_build, netlist, toolchain, verilated_runtime
from .cache import PROJECT_ROOT, Progress, cached_build, digest, silent, sources_digest
from .errors import UserError
from .native_build import BARE_EXECUTABLE
from .ports import CONTROL_FILE, PORTS_HEADER, PREFIX, control_file, ports_header
from .simulator import EXECUTABLE
from .testbench import TOP

_JOBS = 2
VERILATOR_FLAGS = (
    "-O3",
    "--x-assign",
    "fast",
    "--x-initial",
    "fast",
    "--no-timing",
    "--timescale",
    "1ns/1ps",
    # Yosys' Verilog mixes widths and leaves cases open by design; sim.lint checks the rest.
    "-Wno-fatal",
)
"""Of every model; a peer that we compare with gets the same."""
OPTIMISATION = "-O3"
"""For the compiler of all Verilated code."""
_TRACE_FLAGS = {".fst": ("--trace-fst",), ".vcd": ("--trace-vcd",)}


def trace_suffix() -> str:
    """Suffix of the waveforms that this host can write: .fst needs the headers of lz4 and zlib."""
    headers = (Path("/usr/include/lz4.h"), Path("/usr/include/zlib.h"))
    return ".fst" if all(header.exists() for header in headers) else ".vcd"


def require_trace_suffix(suffix: str) -> None:
    """Raise UserError for a suffix of a file that waves cannot be written to here."""
    if suffix not in _TRACE_FLAGS:
        raise UserError(f"waves are written as .fst or .vcd, not as '{suffix}'")
    if suffix == ".fst" and trace_suffix() != ".fst":
        raise UserError(
            "FST waves need the headers of lz4 and zlib (apt-get install liblz4-dev zlib1g-dev); "
            "or name a .vcd file"
        )


def build(
    soc: SocConfig,
    progress: Progress = silent,
    waves: str | None = None,
    *,
    counted: bool = False,
) -> Path:
    """Return the directory of the model of this machine, building it first where it is missing.

    `waves` is the suffix of the waveform files that it has to write, or None; `counted` means with
    the counters of `sim.coverage`.
    """
    return _build(EXECUTABLE, soc, progress, waves, counted)


def build_bare(soc: SocConfig, progress: Progress = silent) -> Path:
    """Return the executable of this machine without cocotb, building it where it is missing."""
    return _build(BARE_EXECUTABLE, soc, progress, None, counted=False) / BARE_EXECUTABLE


def _build(
    executable: str, soc: SocConfig, progress: Progress, waves: str | None, counted: bool
) -> Path:
    if waves is not None:
        require_trace_suffix(waves)
    toolchain.require_host()
    flags = (*VERILATOR_FLAGS, *(coverage.verilator_flags() if counted else ()))
    flags += netlist.SHARING_FLAGS if soc.harts > 1 else ()
    with ThreadPoolExecutor(1) as beside:
        # Amaranth and Verilator use one core.
        others = beside.submit(_shared_objects, waves, counted, progress)
        machine = _netlist(soc.validate(), progress)
        archive = _archive(machine, flags, waves, progress)
        shared = others.result()
    key = {
        "archive": archive.name,
        "executable": executable,
        "waves": waves,
        **native_build.key(),
    }

    def make(directory: Path) -> None:
        progress("compiling the C++ around the model")
        native_build.executable(
            executable, archive, shared, directory, waves=waves, coverage=counted
        )

    built = cached_build("model", key, make, progress)
    if counted and not coverage.is_described(built):
        default = soc == PRESETS["rocket"].soc
        components = netlist.convert(soc).components
        coverage.describe(built, archive / f"{TOP}.v", components, reference=default)
    return built


def content_key(soc: SocConfig) -> str:
    """Digest of all that decides what a model of this machine does, the same on every host."""
    return digest(
        {
            "netlist": _netlist_key(soc),
            "native": native_build.sources(),
            "flags": VERILATOR_FLAGS,
        }
    )


def _shared_objects(waves: str | None, counted: bool, progress: Progress) -> list[Path]:
    runtime = verilated_runtime.objects(progress, waves=waves, coverage=counted)
    return [native_build.common(progress), *runtime]


def _netlist_key(soc: SocConfig) -> dict:
    sources = sorted((PROJECT_ROOT / "rtl").rglob("*.py"))
    sources += [Path(__file__).parent / name for name in ("netlist.py", "testbench.py", "ports.py")]
    return {
        "sources": sources_digest(sources),
        "soc": soc.as_dict(),
        "versions": toolchain.versions(),
    }


def _netlist(soc: SocConfig, progress: Progress) -> Path:
    """Directory with the Verilog of the machine, the C++ header of its ports, and what VPI sees."""

    def make(directory: Path) -> None:
        progress("turning the machine into Verilog")
        made = netlist.convert(soc)
        top = made.components[TOP]
        (directory / PORTS_HEADER).write_text(ports_header(top))
        (directory / CONTROL_FILE).write_text(control_file(top) + made.control)
        (directory / f"{TOP}.v").write_text(made.verilog)

    return cached_build("netlist", _netlist_key(soc), make, progress)


def _archive(machine: Path, flags: tuple[str, ...], waves: str | None, progress: Progress) -> Path:
    """Directory with the Verilated classes as a library, and their headers."""
    key = {
        # By content: most changes of a docstring leave the Verilog as it was.
        "netlist": sources_digest(sorted(machine.iterdir())),
        "flags": ["zig clang", flags, OPTIMISATION, waves],
        "versions": toolchain.versions(),
        "g++": toolchain.host_compiler_version(),
    }
    tracing = f" with {waves[1:]} tracing" if waves else ""

    def make(directory: Path) -> None:
        progress(f"verilating the machine{tracing}")
        for name in (PORTS_HEADER, CONTROL_FILE, f"{TOP}.v"):
            shutil.copy(machine / name, directory)
        command = ["verilator", "--cc", "--vpi", "--prefix", PREFIX, "--top-module", TOP]
        command += ["-Mdir", ".", *flags]
        command += _TRACE_FLAGS[waves] if waves else ()
        command += [CONTROL_FILE, f"{TOP}.v"]
        toolchain.run(command, cwd=directory, what="Verilator")

        progress(f"compiling the model{tracing}")
        run_make(directory, PREFIX, f"lib{PREFIX}.a")

    return cached_build("verilated", key, make, progress)


def run_make(directory: Path, prefix: str, target: str) -> None:
    """Compile what Verilator wrote, and remove what is needed for nothing but that."""
    variables = {**toolchain.verilated_make_variables(), "OPT_FAST": OPTIMISATION}
    variables["CXX"] = shlex.join(toolchain.verilated_compiler())
    command = ["make", f"-j{_JOBS}", "-f", f"{prefix}.mk", target]
    command += [f"{name}={value}" for name, value in variables.items()]
    toolchain.run(command, cwd=directory, what="compiling the Verilated model")
    for pattern in ("*.gch", "*.o", "*__ALL.a"):  # 200 MB
        for intermediate in directory.glob(pattern):
            intermediate.unlink()
