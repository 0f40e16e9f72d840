"""The whole machine as a cocotb test sees it.

Everything that happens in every cycle is C++ (sim/native); a test loads a job, lets the clock run
to where something interesting happens, and looks at memory and registers as the instructions that
have retired left them.
"""

from __future__ import annotations

import ctypes
import enum
import tempfile
from pathlib import Path

from cocotb.triggers import RisingEdge, Timer

from . import elf
from .errors import UserError
from .job import Job
from .job_file import rtl_straps, write_job_file

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

_ABI_NAMES = ("zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1")
_ABI_NAMES += tuple(f"a{number}" for number in range(8))
_ABI_NAMES += tuple(f"s{number}" for number in range(2, 12))
_ABI_NAMES += tuple(f"t{number}" for number in range(3, 7))


def _native_functions() -> dict:
    executable = ctypes.CDLL(None)
    functions = {}
    for name, (arguments, result) in _FUNCTIONS.items():
        function = getattr(executable, f"dynstack_{name}")
        function.argtypes, function.restype = arguments, result
        functions[name] = function
    return functions


class Machine:
    """The device under test with everything around it.

    Parameters
    ----------
    dut : the top of a cocotb test that runs on a model of `sim.model`.
    """

    def __init__(self, dut):
        self._dut = dut
        self._native = _native_functions()
        self._image: Path | None = None

    async def boot(self, job: Job) -> None:
        """Load a job and take the harts out of reset; no instruction has retired yet.

        Raises UserError for a job that cannot be run.
        """
        with tempfile.TemporaryDirectory() as directory:
            job_file = Path(directory) / "job.txt"
            write_job_file(job, job_file)
            await self.boot_file(job_file, rtl_straps(job))
        self._image = job.image

    async def boot_file(
        self,
        job_file: Path,
        straps: dict[str, int],
        console_descriptor: int = -1,
        progress_file: str = "",
    ) -> None:
        """As `boot`, from a file of `sim.job_file`; the console is copied to the descriptor."""
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

    async def run_until(self, where: int | str) -> None:
        """Run until the instruction at a pc, or at a symbol of the image, has retired.

        Raises AssertionError where the run ends before that.
        """
        pc = where if isinstance(where, int) else self.symbol(where)
        self._native["add_breakpoint"](pc)
        stop = await self.run()
        self._native["remove_breakpoint"](pc)
        assert stop == Stop.BREAKPOINT, (
            f"{where} was not reached: {stop.name.lower()} {self.code} at cycle {self.cycle}, "
            f"pc {self.last_pc():#x}. {self.sentence}"
        )

    async def run_cycles(self, cycles: int) -> Stop:
        """Run for so many cycles; the result is CYCLE_LIMIT unless the run ends before."""
        self._native["set_cycle_limit"](cycles)
        return await self.run()

    def add_breakpoint(self, where: int | str) -> None:
        """Make `run` stop in the cycle in which this instruction retires, until it is removed."""
        self._native["add_breakpoint"](where if isinstance(where, int) else self.symbol(where))

    def remove_breakpoint(self, where: int | str) -> None:
        self._native["remove_breakpoint"](where if isinstance(where, int) else self.symbol(where))

    def symbol(self, name: str) -> int:
        """Address of a symbol of the image."""
        assert self._image is not None, "no job was booted"
        return elf.symbol(self._image, name).address

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

    @property
    def console(self) -> str:
        """What the program has printed."""
        return self._native["console"]().decode(errors="replace")

    def last_pc(self, hart: int = 0) -> int:
        """pc of the hart's last record, traps included."""
        return self._native["last_pc"](hart)

    def register(self, name: str | int, hart: int = 0) -> int:
        """Value of an integer register by ABI name or number; zero until first written."""
        number = name if isinstance(name, int) else _ABI_NAMES.index(name)
        return self._native["register"](hart, number)

    def read(self, address: int, length: int) -> bytes:
        """Physical memory as the stores left it that are performed."""
        buffer = ctypes.create_string_buffer(length)
        if not self._native["read"](address, buffer, length):
            raise ValueError(f"{length} bytes at {address:#x} are not in DRAM")
        return buffer.raw

    def read_word(self, address: int) -> int:
        """A 64-bit word of physical memory."""
        return int.from_bytes(self.read(address, 8), "little")

    def store_word(self, address: int, value: int) -> None:
        """Queue a coherent 64-bit store by the host; it is performed while the clock runs."""
        if not self._native["host_store"](address, value):
            raise ValueError(f"{address:#x} is not an aligned word in DRAM")

    def finish(self, directory: Path) -> None:
        """End the run and write its results, for `sim.machine.read_result`."""
        sentence = self._native["finish"](str(directory).encode())
        if sentence:
            raise UserError(sentence.decode())
