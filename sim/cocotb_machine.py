"""The whole machine as a cocotb test sees it.

Everything that happens in every cycle is C++ (sim/native); a test loads a job, lets the clock run
to where something interesting happens, and looks at memory and registers as the instructions that
have retired left them.
"""

from __future__ import annotations

import ctypes
import tempfile
from pathlib import Path

from . import elf
from .cocotb_runner import Runner, Stop
from .job import Job
from .job_file import rtl_straps, write_job_file

_ABI_NAMES = ("zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1")
_ABI_NAMES += tuple(f"a{number}" for number in range(8))
_ABI_NAMES += tuple(f"s{number}" for number in range(2, 12))
_ABI_NAMES += tuple(f"t{number}" for number in range(3, 7))


class Machine(Runner):
    """The device under test with everything around it.

    Parameters
    ----------
    dut : the top of a cocotb test that runs on a model of `sim.model`.
    """

    def __init__(self, dut):
        super().__init__(dut)
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
