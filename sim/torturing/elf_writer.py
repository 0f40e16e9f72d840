"""A minimal ELF64 executable for RISC-V: loadable segments and a symbol table."""

from __future__ import annotations

import struct
from collections.abc import Mapping

_EHDR, _PHDR, _SHDR, _SYM = 64, 56, 64, 24
_RISCV, _EXEC = 243, 2
_RVC = 1
_SECTIONS = ("", ".symtab", ".strtab", ".shstrtab")


def elf_image(segments: Mapping[int, bytes], symbols: Mapping[str, int], entry: int) -> bytes:
    """Return the file; `segments` are bytes by physical address, all of them readable, writable
    and executable."""
    offset = _EHDR + _PHDR * len(segments)
    headers, body = b"", b""
    for address, data in sorted(segments.items()):
        headers += struct.pack(
            "<IIQQQQQQ", 1, 7, offset + len(body), address, address, len(data), len(data), 8
        )
        body += data + bytes(-len(data) % 8)

    strings, table = b"\0", bytes(_SYM)
    for name, address in symbols.items():
        # Global, no type, absolute.
        table += struct.pack("<IBBHQQ", len(strings), 0x10, 0, 0xFFF1, address, 0)
        strings += name.encode() + b"\0"
    names = b"\0".join(section.encode() for section in _SECTIONS) + b"\0"

    at = offset + len(body)
    section_headers = bytes(_SHDR)
    contents = ((2, table, 2, 1, _SYM), (3, strings, 0, 0, 0), (3, names, 0, 0, 0))
    for section, (kind, data, link, info, size) in zip(_SECTIONS[1:], contents, strict=True):
        name = names.index(section.encode() + b"\0")
        section_headers += struct.pack(
            "<IIQQQQIIQQ", name, kind, 0, 0, at, len(data), link, info, 8, size
        )
        at += len(data)
    ident = b"\x7fELF" + bytes((2, 1, 1)) + bytes(9)
    header = ident + struct.pack(
        "<HHIQQQIHHHHHH",
        _EXEC,
        _RISCV,
        1,
        entry,
        _EHDR,
        at,
        _RVC,
        _EHDR,
        _PHDR,
        len(segments),
        _SHDR,
        len(_SECTIONS),
        3,
    )
    return header + headers + body + table + strings + names + section_headers
