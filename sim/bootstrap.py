"""Set-up on a bare machine: check the host, make `.venv`, install what `uv.lock` names.

Runs under the host's Python with its standard library alone: `python3 sim/bootstrap.py`, followed
by the dependency groups of `pyproject.toml` that are wanted beside the default ones. What was
installed once stays.
"""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import importlib.util
import json
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / ".dynstack-setup"
UV = "uv==0.13.9"
OLDEST_PYTHON = (3, 11)
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


def has_venv() -> bool:
    """Debian packs ensurepip, without which venv makes no environment, with venv."""
    return importlib.util.find_spec("ensurepip") is not None


def has_shared_libpython() -> bool:
    """cocotb embeds the interpreter, so its shared library must be loadable."""
    name = f"libpython{PYTHON}.so.1.0"
    directory = sysconfig.get_config_var("LIBDIR") or ""
    for candidate in (str(Path(directory) / name), name):
        try:
            ctypes.CDLL(candidate)
        except OSError:
            continue
        return True
    return False


def compiles_cpp20() -> bool:
    with tempfile.NamedTemporaryFile("w", suffix=".cpp") as source:
        source.write("#include <span>\nint main() { return std::span<int>{}.size(); }\n")
        source.flush()
        command = ["g++", "-std=c++20", "-fsyntax-only", source.name]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0


def missing_from_host() -> list[tuple[str, str]]:
    """(what is wrong, Debian packages that mend it), before anything long starts."""
    missing = []
    if sys.version_info < OLDEST_PYTHON:
        missing.append((f"Python is {PYTHON}, and 3.11 is the oldest that works", "python3.11"))
    if not has_venv():
        missing.append(("Python has no venv module", f"python{PYTHON}-venv"))
    if not has_shared_libpython():
        missing.append(("there is no shared libpython, which cocotb embeds", f"libpython{PYTHON}"))
    missing += [
        (f"{tool} is not on PATH", tool)
        for tool in ("git", "make", "g++", "perl")
        if shutil.which(tool) is None
    ]
    if shutil.which("g++") and not compiles_cpp20():
        missing.append(("g++ does not compile C++20", "g++"))
    return missing


def locked_digest() -> str:
    state = hashlib.sha256(f"{UV} {sys.executable} {ROOT}".encode())
    for name in ("pyproject.toml", "uv.lock"):
        state.update((ROOT / name).read_bytes())
    return state.hexdigest()


def has_pip(python: Path) -> bool:
    """False as well for an environment whose creation was interrupted."""
    if not python.exists():
        return False
    command = [str(python), "-m", "pip", "--version"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def last_setup() -> tuple[str, set[str]]:
    """Digest of what was set up last, and the groups beside the default ones; empty at first."""
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return "", set()
    return stamp["digest"], set(stamp["groups"])


def install(groups: list[str]) -> None:
    python = VENV / "bin" / "python"
    if not has_pip(python):
        print("setup: creating .venv", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
    print("setup: installing the packages of uv.lock", flush=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", UV]
    subprocess.run(pip, check=True)
    sync = [str(VENV / "bin" / "uv"), "sync", "--locked", "--quiet", "--python", str(python)]
    sync += [f"--group={group}" for group in groups]
    # Hundreds of simulators start Python: none should compile what it imports, nor can each host
    # keep what one has compiled (PYTHONDONTWRITEBYTECODE).
    sync.append("--compile-bytecode")
    subprocess.run(sync, check=True, cwd=ROOT)


def main(wanted: list[str]) -> int:
    if len(str(ROOT).split()) != 1:
        print(f"setup: make and Verilator take no blanks in paths: move {ROOT}", file=sys.stderr)
        return 2
    missing = missing_from_host()
    if missing:
        print("setup: this machine lacks what pip cannot bring:", file=sys.stderr)
        for what, _package in missing:
            print(f"  {what}", file=sys.stderr)
        packages = " ".join(dict.fromkeys(package for _what, package in missing))
        print(f"On Debian or Ubuntu, run:  apt-get install {packages}", file=sys.stderr)
        return 2
    with (ROOT / ".setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        digest = locked_digest()
        last_digest, present = last_setup()
        if last_digest == digest and present.issuperset(wanted):
            return 0
        groups = sorted({*wanted, *present})
        try:
            install(groups)
        except subprocess.CalledProcessError as error:
            print(f"setup: `{' '.join(error.cmd)}` failed; its output is above", file=sys.stderr)
            return 2
        except KeyboardInterrupt:
            print("setup: interrupted; run it again and it goes on", file=sys.stderr)
            return 130
        STAMP.write_text(json.dumps({"digest": digest, "groups": groups}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
