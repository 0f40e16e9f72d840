"""LLVM's assembler, as a second opinion on instructions."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

from elftools.elf.elffile import ELFFile

from sim import toolchain


def assemble(lines: Iterable[str], extensions: str) -> bytes:
    """Machine code of these lines, for a hart of RV64I with `extensions`, as in "+m+a".

    No relaxation makes it shorter. Raises UserError for a line that is no instruction.
    """
    with tempfile.TemporaryDirectory() as name:
        source, output = Path(name, "lines.s"), Path(name, "lines.o")
        source.write_text("\n".join([".option norelax", *lines, ""]))
        target = ["-target", "riscv64-freestanding-none", f"-mcpu=generic_rv64{extensions}"]
        command = [*toolchain.zig_cc(), *target, "-c", str(source), "-o", str(output)]
        toolchain.run(command, cwd=Path(name), what="assembling the lines of a test")
        with output.open("rb") as file:
            section = ELFFile(file).get_section_by_name(".text")
            assert section is not None
            return section.data()
