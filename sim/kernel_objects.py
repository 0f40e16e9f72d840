"""Objects of the kernel, each cached by what it is compiled from: a source and what it includes.

Policies share most of some forty objects, and so do a kernel and the one with a change in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from .cache import cached_build
from .toolchain import run, versions, zig_cc

OFFSETS_HEADER = "asm-offsets.h"
"""Made from `OFFSETS`, for assembly."""
OFFSETS = "kernel/asm-offsets.c"
_OFFSET_LINE = re.compile(r'"->(\w+) (\d+)"')
_INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|(\w+))', re.MULTILINE)


class KernelObjects:
    """Compiles sources of one kernel.

    Parameters
    ----------
    sources : Path
        Directory of the tree; sources are named relative to it.
    flags : Sequence[str]
        For all of them.
    macros : dict[str, str]
        Defined for those sources alone whose text, or a header's, names them. A macro may stand
        for a file that is included.
    """

    def __init__(self, sources: Path, flags: Sequence[str], macros: dict[str, str]):
        self._sources = sources
        self._flags = list(flags)
        self._macros = macros
        preset = [self._flags[at + 1] for at, flag in enumerate(flags) if flag == "-include"]
        self._included = self._texts(preset)
        self._offsets = self._offsets_header()

    def compile(self, name: str, *flags: str) -> Path:
        """Return the object of this source, compiled with further flags where it is missing."""
        texts = self._texts([name]) | self._included
        command = [*zig_cc(), *self._flags, *flags, *self._defined(texts)]
        # The linker script places objects by their names.
        output = name.replace("/", "_") + ".o"
        own_header = any(OFFSETS_HEADER in text for text in texts.values())

        def make(directory: Path) -> None:
            if own_header:
                (directory / OFFSETS_HEADER).write_text(self._offsets)
            where = [f"-I{directory}", f"-ffile-prefix-map={directory}=."]
            self._run([*command, *where, "-c", name, "-o", str(directory / output)], name)

        key = {
            "name": name,
            "texts": texts,
            "offsets": self._offsets if own_header else "",
            "command": command[len(zig_cc()) :],
            "zig": versions()["ziglang"],
        }
        return cached_build("object", key, make) / output

    def _texts(self, names: Sequence[str]) -> dict[str, str]:
        """These files and all that they include, by name. Conditions are not looked at."""
        found: dict[str, str] = {}
        pending = list(names)
        while pending:
            name = pending.pop()
            if name in found:
                continue
            found[name] = (self._sources / name).read_text()
            for quoted, macro in _INCLUDE.findall(found[name]):
                text = quoted or self._macros[macro].strip('"')
                beside = (Path(name).parent / text).as_posix()
                paths = [path for path in (beside, text) if (self._sources / path).is_file()]
                pending += paths[:1]
        return found

    def _defined(self, texts: dict[str, str]) -> list[str]:
        return [
            f"-D{macro}={value}"
            for macro, value in self._macros.items()
            if any(macro in text for text in texts.values())
        ]

    def _offsets_header(self) -> str:
        """What the compiler says about the structures."""
        texts = self._texts([OFFSETS]) | self._included
        command = [*zig_cc(), *self._flags, "-Wno-unused-command-line-argument", "-S", OFFSETS]

        def make(directory: Path) -> None:
            listing = directory / "asm-offsets.s"
            self._run([*command, "-o", str(listing)], OFFSETS)
            offsets = _OFFSET_LINE.findall(listing.read_text())
            listing.unlink()
            header = "".join(f"#define {name} {value}\n" for name, value in offsets)
            (directory / OFFSETS_HEADER).write_text(header)

        key = {
            "texts": texts,
            "command": command[len(zig_cc()) :],
            "zig": versions()["ziglang"],
        }
        return (cached_build("offsets", key, make) / OFFSETS_HEADER).read_text()

    def _run(self, command: list[str], name: str) -> None:
        run(command, cwd=self._sources, what=f"compiling sw/{name}")
