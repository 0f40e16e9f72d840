"""The golden model fed by hand: records of a retire port that no RTL has made."""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Mapping

from cocotb_tests.hart.programs import Program
from rtl.dev.address_map import DEVICES
from rtl.isa.csr_layout import MISA
from rtl.isa.pmp import PMP_GRAIN_BITS
from sim import golden

DRAM_BASE, DRAM_BYTES = 0x8000_0000, 1 << 24
MACHINE = 3


class _Config(ctypes.Structure):
    """GoldenConfig of sim/native/golden_abi.hpp."""

    _fields_ = [
        ("isa", ctypes.c_char_p),
        *(
            (name, ctypes.c_uint64)
            for name in (
                *("misa", "pmp_entries", "pmp_bytes", "dram_base", "dram_bytes", "reset_pc"),
                *("line_bytes", "honour_asid", "cache_invalid_ptes", "svadu", "hart", "shared"),
            )
        ),
    ]


class _Record(ctypes.Structure):
    """GoldenRecord of the same file."""

    _fields_ = [
        (name, ctypes.c_uint64)
        for name in (
            *("cycle", "pc", "insn", "privilege", "trap", "cause", "tval"),
            *("fetch_paddr", "fetch_pte", "fetch_level", "fetch_translated"),
            *("rd_valid", "rd", "rd_data", "mem_read", "mem_write", "mem_vaddr", "mem_paddr"),
            *("mem_size", "mem_rdata", "mem_wdata", "mem_pte", "mem_level", "mem_translated"),
        )
    ]


@functools.cache
def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(str(golden.library()))
    library.golden_make.restype = ctypes.c_void_p
    for name in ("report", "exception_name"):
        getattr(library, f"golden_{name}").restype = ctypes.c_char_p
    library.golden_exception_count.restype = ctypes.c_uint64
    return library


class GoldenHart:
    """Spike with a program in its memory, at the program's first instruction.

    Without PMP entries, unless they are asked for: S-mode may access everything.
    """

    def __init__(
        self,
        program: Program,
        *,
        honour_asid: int = 1,
        cache_invalid_ptes: int = 1,
        svadu: int = 0,
        pmp_entries: int = 0,
        shared: int = 0,
    ):
        self._native = _library()
        self._image = b"".join(word.to_bytes(8, "little") for word in program.words)
        config = _Config(
            isa=golden.isa(svadu).encode(),
            misa=MISA,
            pmp_entries=pmp_entries,
            pmp_bytes=4 << PMP_GRAIN_BITS,
            dram_base=DRAM_BASE,
            dram_bytes=DRAM_BYTES,
            reset_pc=DRAM_BASE,
            line_bytes=64,
            honour_asid=honour_asid,
            cache_invalid_ptes=cache_invalid_ptes,
            svadu=svadu,
            hart=0,
            shared=shared,
        )
        self._model = ctypes.c_void_p(self._native.golden_make(ctypes.byref(config)))
        assert self._model
        for device in DEVICES:
            self._native.golden_add_device(
                self._model, ctypes.c_uint64(device.base), ctypes.c_uint64(device.size)
            )
        self.load(DRAM_BASE, self._image)

    def __del__(self):
        if hasattr(self, "_model"):
            self._native.golden_destroy(self._model)

    def load(self, address: int, content: bytes) -> None:
        self._native.golden_load(
            self._model, ctypes.c_uint64(address), content, ctypes.c_uint64(len(content))
        )

    def host_store(self, address: int, value: int) -> None:
        self._native.golden_host_store(
            self._model, ctypes.c_uint64(address), ctypes.c_uint64(value)
        )

    def walk(self, address: int, pte: int) -> None:
        self._native.golden_walk(self._model, ctypes.c_uint64(address), ctypes.c_uint64(pte))

    def set_ssip(self) -> None:
        self._native.golden_set_ssip(self._model)

    def step(self, record: Mapping[str, int]) -> bool:
        """Feed a record; `insn` is what the image has at the pc unless it is given."""
        return bool(self._native.golden_step(self._model, ctypes.byref(self._record(record))))

    def report(self) -> str:
        return self._native.golden_report(self._model).decode()

    def exceptions(self) -> dict[str, int]:
        counts = {}
        kind = 0
        while name := self._native.golden_exception_name(kind):
            counts[name.decode()] = self._native.golden_exception_count(self._model, kind)
            kind += 1
        return {name: count for name, count in counts.items() if count}

    def _record(self, record: Mapping[str, int]) -> _Record:
        offset = record["pc"] - DRAM_BASE
        insn = int.from_bytes(self._image[offset : offset + 4], "little")
        if insn & 3 != 3:
            insn &= 0xFFFF
        return _Record(
            **{"insn": insn, "privilege": MACHINE, "fetch_paddr": record["pc"], **record}
        )


def nothing(pc: int, **fields: int) -> dict[str, int]:
    """Record of an instruction that writes no register and no memory."""
    return {"pc": pc, **fields}


def result(pc: int, rd: int, value: int, **fields: int) -> dict[str, int]:
    """Record of an instruction that writes a register."""
    return {"pc": pc, "rd_valid": 1, "rd": rd, "rd_data": value % (1 << 64), **fields}


def load(pc: int, rd: int, value: int, address: int, size: int = 3, **fields: int):
    """Record of a load, untranslated unless `mem_paddr` is given; `size` is log2 of the bytes."""
    access = {"mem_read": 1, "mem_vaddr": address, "mem_paddr": address, "mem_size": size}
    return result(pc, rd, value, **{**access, "mem_rdata": value, **fields})


def store(pc: int, value: int, address: int, size: int = 3, **fields: int) -> dict[str, int]:
    """Record of a store."""
    access = {"mem_write": 1, "mem_vaddr": address, "mem_paddr": address, "mem_size": size}
    return {"pc": pc, **access, "mem_wdata": value, **fields}


def trap(pc: int, cause: int, tval: int = 0, **fields: int) -> dict[str, int]:
    """Record of a trap."""
    return {"pc": pc, "trap": 1, "cause": cause, "tval": tval, **fields}
