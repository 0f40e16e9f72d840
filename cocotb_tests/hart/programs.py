"""Assembles the directed programs, and runs them on `PipelineBench`."""

from __future__ import annotations

import functools
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from cocotb_tests.mem.handles import Pins
from rtl.trace.cycle import StallCause
from sim import toolchain

from .stand_in import DEVICE_BASE, MEMORY_BASE

_PRELUDE = f"""
.macro finish code
    li t6, {DEVICE_BASE}
    li t5, \\code
    sd t5, (t6)
1:  j 1b
.endm
.macro lines value
    li t6, {DEVICE_BASE + 8}
    li t5, \\value
    sd t5, (t6)
.endm
.macro short instruction:vararg
    .option push
    .option rvc
    \\instruction
    .option pop
.endm
.option norelax
.option norvc
.globl _start
_start:
"""

_FLAGS = (
    *("-target", "riscv64-freestanding-none", "-mcpu=generic_rv64+m+a+c+zicsr+zifencei"),
    *("-nostdlib", "-static", "-mno-relax", "-Wl,--build-id=none", "-Wl,-T,program.ld"),
)

_LINKER_SCRIPT = f"ENTRY(_start) SECTIONS {{ . = {MEMORY_BASE:#x}; .text : {{ *(.text) }} }}"


@dataclass(frozen=True)
class Program:
    """Memory image from `MEMORY_BASE` on, in 64-bit words, and the labels."""

    words: tuple[int, ...]
    symbols: dict[str, int]


@functools.cache
def assemble(text: str) -> Program:
    """`text` is the program from reset on; `finish N` ends it, `lines N` drives interrupts.

    Instructions have 32 bits, but for `short INSTRUCTION` and behind `.option rvc`.
    """
    with tempfile.TemporaryDirectory() as directory:
        source, image = Path(directory, "program.S"), Path(directory, "program.elf")
        source.write_text(_PRELUDE + text)
        Path(directory, "program.ld").write_text(_LINKER_SCRIPT)
        command = [*toolchain.zig_cc(), *_FLAGS, "-o", str(image), str(source)]
        toolchain.run(command, cwd=Path(directory), what="assembling a test program")
        with image.open("rb") as file:
            elf = ELFFile(file)
            text_section = elf.get_section_by_name(".text")
            symbol_table = elf.get_section_by_name(".symtab")
            assert text_section is not None
            assert isinstance(symbol_table, SymbolTableSection)
            data = text_section.data()
            symbols = {symbol.name: symbol["st_value"] for symbol in symbol_table.iter_symbols()}
    data += bytes(-len(data) % 8)
    words = (int.from_bytes(data[at : at + 8], "little") for at in range(0, len(data), 8))
    return Program(tuple(words), symbols)


@dataclass(frozen=True)
class Record:
    """One record of the retire port; `effect` is all that must not depend on timing."""

    cycle: int
    pc: int
    insn: int
    trap: bool
    cause: int
    tval: int
    privilege: int
    rd: int
    rd_data: int
    memory: tuple[int, ...]

    @property
    def effect(self) -> tuple:
        return (
            self.pc,
            self.privilege,
            (self.cause, self.tval) if self.trap else (self.rd, self.rd_data, self.memory),
        )


@dataclass(frozen=True)
class Run:
    """What a program did.

    `causes[n]` is what cycle n was charged to, `fences` holds (has_vaddr, has_asid, vaddr, asid)
    of each sfence.vma, and `data_privileges` the mode that an access at a pc was made with.
    """

    program: Program
    code: int
    records: list[Record] = field(default_factory=list)
    causes: list[StallCause] = field(default_factory=list)
    fences: list[tuple[int, int, int, int]] = field(default_factory=list)
    data_privileges: dict[int, int] = field(default_factory=dict)

    def traps(self) -> list[tuple[int, int, int]]:
        """(cause, pc, tval) of each trap."""
        return [(r.cause, r.pc, r.tval) for r in self.records if r.trap]

    def cycle_of(self, label: str) -> int:
        """Cycle in which the instruction at the label retired last."""
        pc = self.program.symbols[label]
        return next(record.cycle for record in reversed(self.records) if record.pc == pc)


class Bench:
    """One simulation; programs run one after another."""

    def __init__(self, dut):
        self._pins = Pins(dut)

    async def _cycle(self) -> None:
        await self._pins.settle()
        await self._pins.clock_edge()

    async def run(
        self,
        text: str,
        *,
        stall: bool = False,
        wake_after: int | None = None,
        max_cycles: int = 3000,
    ) -> Run:
        """`wake_after` is the cycle in which the software interrupt line rises from outside."""
        program = assemble(text)
        pins = self._pins
        await pins.reset({"hold_reset": 1, "stall": int(stall), "load": 0, "msip": 0})
        pins.write("load", 1)
        for address, word in enumerate(program.words):
            pins.write("load_word", address)
            pins.write("load_data", word)
            await self._cycle()
        pins.write("load", 0)
        await self._cycle()
        pins.write("hold_reset", 0)
        run = Run(program, 0)
        # An access is over in the cycle before write-back, and its record two cycles later.
        privileges = [0, 0, 0]
        for cycle in range(max_cycles):
            pins.write("msip", int(wake_after is not None and cycle >= wake_after))
            await pins.settle()
            run.causes.append(StallCause(pins.read("cause")))
            privileges.append(pins.read("data_privilege"))
            if pins.read("fence__valid"):
                run.fences.append(self._fence())
            if pins.read("retire__valid"):
                record = self._record(cycle)
                run.records.append(record)
                run.data_privileges[record.pc] = privileges[-3]
            if pins.read("finished"):
                assert not pins.read("protocol_error")
                return replace(run, code=pins.read("finish_code"))
            await pins.clock_edge()
        last = ", ".join(f"{record.pc:#x}" for record in run.records[-5:])
        raise AssertionError(f"the program did not finish; last records: {last}")

    def _fence(self) -> tuple[int, int, int, int]:
        has_vaddr, has_asid, vaddr, asid = (
            self._pins.read(f"fence__{name}") for name in ("has_vaddr", "has_asid", "vaddr", "asid")
        )
        return has_vaddr, has_asid, vaddr if has_vaddr else 0, asid if has_asid else 0

    def _record(self, cycle: int) -> Record:
        def read(name: str) -> int:
            return self._pins.read(f"retire__{name}")

        trap = bool(read("trap"))
        written = bool(read("rd_valid"))
        memory = ("mem_read", "mem_write", "mem_vaddr", "mem_size")
        accesses = read("mem_read") or read("mem_write")
        return Record(
            cycle=cycle,
            pc=read("pc"),
            insn=read("insn"),
            trap=trap,
            cause=read("cause"),
            tval=read("tval"),
            privilege=read("privilege"),
            rd=read("rd") if written else 0,
            rd_data=read("rd_data") if written else 0,
            memory=tuple(read(name) for name in memory) if accesses else (),
        )
