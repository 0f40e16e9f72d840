"""Starting the Verilated executable with cocotb inside."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import weakref
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, wait
from pathlib import Path
from typing import Any

import cocotb_tools.config
import find_libpython

from . import coverage, toolchain
from .errors import UserError
from .testbench import TOP

EXECUTABLE = "attached"
"""Name of the executable that has cocotb in it, in the directory of a model."""

_started: weakref.WeakSet[subprocess.Popen[bytes]] = weakref.WeakSet()
"""Simulators of this process; those that have ended take no harm from being killed."""


@functools.cache
def _gpi_users() -> str:
    """Libraries that cocotb's GPI loads: Python, then the entry point that starts cocotb."""
    toolchain.require_host()
    return f"{find_libpython.find_libpython()};{cocotb_tools.config.pygpi_entry_point()}"


def start(
    model: Path,
    module: str,
    directory: Path,
    *,
    environment: Mapping[str, str] | None = None,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start the cocotb tests of `module` on a model.

    cocotb's log goes to `simulation.log` in `directory`, its verdicts to `results.xml`. A process
    that ends without the latter has crashed.
    """
    results = directory / "results.xml"
    results.unlink(missing_ok=True)
    variables = {
        **os.environ,
        "COCOTB_TOPLEVEL": TOP,
        "COCOTB_TEST_MODULES": module,
        "COCOTB_RESULTS_FILE": str(results),
        "COCOTB_RESULTS_ATTACHMENTS": "",
        "COCOTB_RANDOM_SEED": "1",
        "COCOTB_TRUST_INERTIAL_WRITES": "1",
        "TOPLEVEL_LANG": "verilog",
        "GPI_USERS": _gpi_users(),
        "PYGPI_PYTHON_BIN": sys.executable,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        **(environment or {}),
    }
    try:
        with (directory / "simulation.log").open("wb") as log:
            process = subprocess.Popen(
                [str(model / EXECUTABLE), *coverage.plusargs(model)],
                cwd=directory,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=pass_fds,
            )
    except OSError as error:
        raise UserError(
            f"{model / EXECUTABLE} cannot be started: {error.strerror}. Remove {model}, and it is "
            "built again",
            exit_code=1,
        ) from None
    _started.add(process)
    return process


def stop_all(tasks: Sequence[Future[Any]]) -> None:
    """End tasks of a thread pool that run simulators: at once, whatever they are at.

    After an error or Ctrl-C nobody waits for the simulations under way, nor do they go on alone.
    """
    for task in tasks:
        task.cancel()
    while wait(tasks, timeout=0.1).not_done:
        for process in list(_started):
            process.kill()


def end_of_log(directory: Path, lines: int = 30) -> str:
    """What the simulator said last, for the message about a crash."""
    text = (directory / "simulation.log").read_text(errors="replace")
    return "\n".join(text.splitlines()[-lines:])
