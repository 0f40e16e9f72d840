"""The loader takes RV64 executables for this machine, and refuses the rest with a sentence."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from .native_library import load_elf

BASE, SIZE = 0x8000_0000, 1 << 20
HEADER_BYTES, PROGRAM_HEADER_BYTES = 64, 56


@dataclass(frozen=True)
class Segment:
    address: int = BASE
    data: bytes = b"\x13\0\0\0" * 4
    memory_bytes: int | None = None
    kind: int = 1


@dataclass(frozen=True)
class Image:
    """An ELF file, right unless told otherwise."""

    magic: bytes = b"\x7fELF"
    elf_class: int = 2
    endianness: int = 1
    kind: int = 2
    machine: int = 243
    entry: int = BASE
    program_header_bytes: int = PROGRAM_HEADER_BYTES
    segments: tuple[Segment, ...] = field(default_factory=lambda: (Segment(),))

    def encode(self) -> bytes:
        ident = self.magic + bytes([self.elf_class, self.endianness, 1]) + bytes(9)
        count = len(self.segments)
        header = ident + struct.pack(
            "<HHIQQQIHHHHHH",
            *(self.kind, self.machine, 1, self.entry, HEADER_BYTES, 0, 0),
            *(HEADER_BYTES, self.program_header_bytes, count, 0, 0, 0),
        )
        offset = HEADER_BYTES + count * PROGRAM_HEADER_BYTES
        table, contents = b"", b""
        for segment in self.segments:
            size = len(segment.data)
            memory = size if segment.memory_bytes is None else segment.memory_bytes
            where = (offset + len(contents), segment.address, segment.address)
            table += struct.pack("<IIQQQQQQ", segment.kind, 7, *where, size, memory, 8)
            contents += segment.data
        return header + table + contents


def load(tmp_path: Path, raw: bytes, address: int = 0, length: int = 0) -> bytes | str:
    file = tmp_path / "image.elf"
    file.write_bytes(raw)
    return load_elf(file, BASE, SIZE, address, length)


def test_segments_land_at_their_physical_addresses_and_bss_is_zero(tmp_path):
    segments = (
        Segment(BASE, b"first", memory_bytes=16),
        Segment(BASE + SIZE - 4, b"last"),
        Segment(0, b"not loadable", kind=4),
        Segment(0, b"", memory_bytes=0),
    )
    raw = Image(segments=segments).encode()
    assert load(tmp_path, raw, BASE, 16) == b"first" + bytes(11)
    assert load(tmp_path, raw, BASE + SIZE - 4, 4) == b"last"


REFUSED = {
    "not ELF": (replace(Image(), magic=b"#!/b"), "is not an ELF file"),
    "32 bits": (replace(Image(), elf_class=1), "is not a 64-bit ELF file"),
    "big-endian": (replace(Image(), endianness=2), "is not little-endian"),
    "x86-64": (replace(Image(), machine=62), "is for ELF machine 62, not for RISC-V"),
    "object file": (replace(Image(), kind=1), "is not an executable"),
    "entry elsewhere": (replace(Image(), entry=BASE + 64), "has its entry point at 0x80000040"),
    "entry in between": (replace(Image(), entry=BASE + 1), "has its entry point at 0x80000001"),
    "header size": (replace(Image(), program_header_bytes=32), "program headers of 32 bytes"),
    "no segment": (replace(Image(), segments=()), "has no loadable segment"),
    "below DRAM": (Image(segments=(Segment(BASE - 4),)), "outside DRAM"),
    "past DRAM": (Image(segments=(Segment(BASE + SIZE - 4),)), "outside DRAM"),
    "bss past DRAM": (Image(segments=(Segment(memory_bytes=SIZE + 1),)), "outside DRAM"),
    "address wraps": (Image(segments=(Segment(2**64 - 8),)), "outside DRAM"),
    "length wraps": (Image(segments=(Segment(memory_bytes=2**64 - 8),)), "outside DRAM"),
    "overlap": (Image(segments=(Segment(), Segment(BASE + 8))), "overlap at 0x80000008"),
    "bss overlap": (
        Image(segments=(Segment(BASE + 64), Segment(memory_bytes=65))),
        "overlap at 0x80000040",
    ),
    "larger in file": (Image(segments=(Segment(memory_bytes=4),)), "larger in the file"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(tmp_path, name):
    image, sentence = REFUSED[name]
    refusal = load(tmp_path, image.encode())
    assert isinstance(refusal, str)
    assert refusal.startswith((str(tmp_path), "segment "))
    assert sentence in refusal


def test_an_entry_may_follow_an_instruction_of_16_bits(tmp_path):
    assert not isinstance(load(tmp_path, replace(Image(), entry=BASE + 2).encode()), str)


def test_every_truncation_is_refused(tmp_path):
    raw = Image().encode()
    for length in range(len(raw)):
        refusal = load(tmp_path, raw[:length])
        assert isinstance(refusal, str), f"{length} of {len(raw)} bytes were taken"
        assert "is truncated" in refusal or length < 4


def test_neighbours_do_not_overlap(tmp_path):
    segments = (Segment(BASE + 8, b"right"), Segment(BASE, b"leftleft"))
    assert load(tmp_path, Image(segments=segments).encode(), BASE, 13) == b"leftleftright"


def test_a_directory_and_an_absent_file(tmp_path):
    assert "cannot be read" in str(load_elf(tmp_path / "absent", BASE, SIZE))
    assert isinstance(load_elf(tmp_path, BASE, SIZE), str)
