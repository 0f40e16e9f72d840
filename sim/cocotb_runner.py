"""A model as the cocotb test that only runs a job sees it: boot, run, verdict.

Every simulation imports this, so it needs nothing that takes long: no NumPy, no Amaranth.
"""

from __future__ import annotations

import ctypes
import enum
from pathlib import Path

from cocotb.triggers import RisingEdge, Timer

from .errors import UserError

RESET_CYCLES = 8
_CYCLE_PS = 1000


class Stop(enum.IntEnum):
    """Why the clock stands still; the order of sim/native/machine.hpp."""

    NONE = 0
    FINISHER = 1
    TOHOST = 2
    REFUSED = 3
    MAX_CYCLES = 4
    BREAKPOINT = 5
    CYCLE_LIMIT = 6
    MISMATCH = 7


_u64, _text = ctypes.c_uint64, ctypes.c_char_p

_FUNCTIONS = {
    "boot": ((_text, ctypes.c_int, _text), _text),
    "finish": ((_text,), _text),
    "stop": ((), ctypes.c_int),
    "code": ((), _u64),
    "sentence": ((), _text),
    "cycle": ((), _u64),
    "console": ((), _text),
    "add_breakpoint": ((_u64,), None),
    "remove_breakpoint": ((_u64,), None),
    "set_cycle_limit": ((_u64,), None),
    "last_pc": ((ctypes.c_uint,), _u64),
    "register": ((ctypes.c_uint, ctypes.c_uint), _u64),
    "read": ((_u64, ctypes.c_void_p, _u64), ctypes.c_int),
    "host_store": ((_u64, _u64), ctypes.c_int),
}
"""Argument types and result of the functions in sim/native/api.cpp, without their prefix."""


def _native_functions() -> dict:
    executable = ctypes.CDLL(None)
    functions = {}
    for name, (arguments, result) in _FUNCTIONS.items():
        function = getattr(executable, f"dynstack_{name}")
        function.argtypes, function.restype = arguments, result
        functions[name] = function
    return functions


class Runner:
    """Drives the clock of a model, whose C++ does everything that happens in a cycle.

    Parameters
    ----------
    dut : the top of a cocotb test that runs on a model of `sim.model`.
    """

    def __init__(self, dut):
        self._dut = dut
        self._native = _native_functions()

    async def boot_file(
        self,
        job_file: Path,
        straps: dict[str, int],
        console_descriptor: int = -1,
        progress_file: str = "",
    ) -> None:
        """Load a job and take the harts out of reset; no instruction has retired yet.

        The file is one of `sim.job_file`; the console is copied to the descriptor. Raises
        UserError for a job that cannot be run.
        """
        sentence = self._native["boot"](
            str(job_file).encode(), console_descriptor, progress_file.encode()
        )
        if sentence:
            raise UserError(sentence.decode())
        for name, value in straps.items():
            getattr(self._dut, f"straps__{name}").value = value
        self._dut.rst.value = 1
        self._dut.run.value = 1
        await Timer(RESET_CYCLES * _CYCLE_PS, "ps")
        self._dut.rst.value = 0
        await Timer(_CYCLE_PS, "ps")  # until the machine sees it, see sim/testbench.py
        self._dut.run.value = 0
        await Timer(1, "ps")

    async def run(self) -> Stop:
        """Let the clock run until the machine stops."""
        self._dut.run.value = 1
        await RisingEdge(self._dut.attention)
        return self.stop

    @property
    def stop(self) -> Stop:
        return Stop(self._native["stop"]())

    @property
    def code(self) -> int:
        """The program's verdict; 0 is success."""
        return self._native["code"]()

    @property
    def sentence(self) -> str:
        """More about the stop, where there is more to say."""
        return self._native["sentence"]().decode()

    @property
    def cycle(self) -> int:
        """Number of cycles since reset."""
        return self._native["cycle"]()

    def finish(self, directory: Path) -> None:
        """End the run and write its results, for `sim.machine.read_result`."""
        sentence = self._native["finish"](str(directory).encode())
        if sentence:
            raise UserError(sentence.decode())
