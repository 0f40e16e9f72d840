"""Symbols and contents of an ELF file."""

from __future__ import annotations

import difflib
from functools import lru_cache
from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from .errors import UserError
from .probes import Symbol


@lru_cache(maxsize=16)
def _read(path: Path, _modified_ns: int) -> dict[str, Symbol]:
    with path.open("rb") as file:
        table = ELFFile(file).get_section_by_name(".symtab")
        if not isinstance(table, SymbolTableSection):
            return {}
        return {
            symbol.name: Symbol(symbol["st_value"], symbol["st_size"])
            for symbol in table.iter_symbols()
            if symbol.name and symbol["st_shndx"] != "SHN_UNDEF"
        }


def symbols(path: Path) -> dict[str, Symbol]:
    """All defined symbols by name; none where the file is stripped or is not ELF.

    What makes a file unfit to run is for the loader (sim/native/elf_loader.cpp) to say.
    """
    try:
        return _read(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from None
    except (ELFError, ValueError):
        return {}


def find_symbol(path: Path, name: str) -> int | None:
    """Address of a symbol that may be absent."""
    found = symbols(path).get(name)
    return None if found is None else found.address


def symbol(path: Path, name: str) -> Symbol:
    """A symbol that must be there; UserError names the closest ones when it is not."""
    table = symbols(path)
    if name in table:
        return table[name]
    if not table:
        raise UserError(f"{path} has no symbols, so '{name}' cannot be found: do not strip it")
    close = difflib.get_close_matches(name, table, n=3)
    hint = f"; close to it: {', '.join(close)}" if close else ""
    raise UserError(f"{path} has no symbol '{name}'{hint}")


def flat(path: Path) -> bytes:
    """What the file puts into memory, from its lowest physical address on."""
    with path.open("rb") as file:
        loaded = [
            (segment["p_paddr"], segment.data())
            for segment in ELFFile(file).iter_segments("PT_LOAD")
            if segment["p_filesz"]
        ]
    base = min(address for address, _ in loaded)
    image = bytearray(max(address + len(data) for address, data in loaded) - base)
    for address, data in loaded:
        image[address - base : address - base + len(data)] = data
    return bytes(image)
