"""Harts that do things to memory, cycle by cycle, in front of the checker of memory's order."""

from __future__ import annotations

import ctypes

from .native_library import library

BASE = 0x8000_0000
CODE = BASE + 0x1000
NOP, FENCE, FENCE_I, SFENCE = 0x0000_0013, 0x0330_000F, 0x0000_100F, 0x1200_0073
LOAD, STORE, AMOADD, LR, SC = 0x0003_3283, 0x0053_3023, 0x0053_32AF, 0x1003_32AF, 0x1853_32AF
"""Doublewords; what else is in the bits does not matter."""


class AccessRecord(ctypes.Structure):
    """AccessRecord of sim/native/memory_order.hpp."""

    _fields_ = [
        *(
            (name, ctypes.c_uint64)
            for name in ("pc", "fetch_paddr", "mem_paddr", "mem_rdata", "mem_wdata")
        ),
        ("insn", ctypes.c_uint32),
        *((name, ctypes.c_uint8) for name in ("trap", "mem_read", "mem_write", "mem_size")),
    ]


class WalkRecord(ctypes.Structure):
    """WalkRecord of the same file."""

    _fields_ = [
        *((name, ctypes.c_uint64) for name in ("paddr", "pte", "wdata")),
        *((name, ctypes.c_uint8) for name in ("from_walk_cache", "write")),
    ]


class StoreRecord(ctypes.Structure):
    """StoreRecord of the same file."""

    _fields_ = [
        *((name, ctypes.c_uint64) for name in ("paddr", "wdata")),
        ("size", ctypes.c_uint8),
    ]


class Harts:
    """Everything takes a cycle. Code is wherever an instruction is executed."""

    def __init__(self, harts: int = 2, *, buffered: bool = False):
        self._native = library()
        self._bench = ctypes.c_void_p(self._native.test_order_new(harts, int(buffered)))
        self.cycle = 0

    def __del__(self):
        self._native.test_order_delete(self._bench)

    @property
    def violation(self) -> str:
        return self._native.test_order_violation(self._bench).decode()

    def fill(self, address: int, value: int) -> None:
        """Contents of memory that nobody has written."""
        self._native.test_order_fill(self._bench, ctypes.c_uint64(address), ctypes.c_uint64(value))

    def _begin(self) -> None:
        self.cycle += 1
        self._native.test_order_begin(self._bench, ctypes.c_uint64(self.cycle))

    def _end(self) -> None:
        self._native.test_order_end(self._bench)

    def _write(self, hart: int, address: int, value: int, size: int) -> None:
        record = StoreRecord(paddr=address, wdata=value, size=size)
        self._native.test_order_write(self._bench, hart, ctypes.byref(record))

    def execute(
        self, hart: int, insn: int, *, written: tuple[int, int] | None = None, **fields: int
    ) -> None:
        """An instruction, and in its cycle what the D$ writes, (address, value)."""
        self._begin()
        at = fields.pop("fetch_paddr", CODE + 0x100 * hart)
        if "code" not in fields:
            self.fill(at, insn)
        fields.pop("code", None)
        record = AccessRecord(pc=at, fetch_paddr=at, insn=insn, mem_size=3, **fields)
        self._native.test_order_retire(self._bench, hart, ctypes.byref(record))
        if written:
            self._write(hart, *written, record.mem_size)
        self._end()

    def load(self, hart: int, address: int, value: int, insn: int = LOAD) -> None:
        self.execute(hart, insn, mem_read=1, mem_paddr=address, mem_rdata=value)

    def store(self, hart: int, address: int, value: int, insn: int = STORE) -> None:
        """Retires, and is written at once."""
        self.execute(
            hart,
            insn,
            mem_write=1,
            mem_paddr=address,
            mem_wdata=value,
            written=(address, value),
        )

    def retire_store(self, hart: int, address: int, value: int) -> None:
        """Retires, and nothing is written."""
        self.execute(hart, STORE, mem_write=1, mem_paddr=address, mem_wdata=value)

    def drain(self, hart: int, address: int, value: int) -> None:
        """The D$ writes what is left of a store that has retired."""
        self._begin()
        self._write(hart, address, value, 3)
        self._end()

    def amo(self, hart: int, address: int, before: int, after: int) -> None:
        self.execute(
            hart,
            AMOADD,
            mem_read=1,
            mem_write=1,
            mem_paddr=address,
            mem_rdata=before,
            mem_wdata=after,
            written=(address, after),
        )

    def walk(self, hart: int, address: int, pte: int, after: int | None = None) -> None:
        """A walk reads a PTE, or makes another one of it."""
        self._begin()
        record = WalkRecord(paddr=address, pte=pte, wdata=after or 0, write=after is not None)
        self._native.test_order_walk(self._bench, hart, ctypes.byref(record))
        if after is not None:
            self._write(hart, address, after, 3)
        self._end()

    def host_store(self, address: int, value: int) -> None:
        self._begin()
        self._native.test_order_host_store(
            self._bench, ctypes.c_uint64(address), ctypes.c_uint64(value)
        )
        self._write(0, address, value, 3)
        self._end()
