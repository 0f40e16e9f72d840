"""Parts of sim/native as a shared library, so that tests can feed them by hand."""

from __future__ import annotations

import ctypes
import functools
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sim import toolchain
from sim.cache import cached_build, sources_digest
from sim.job import SAMPLE

_NATIVE = Path(toolchain.__file__).parent / "native"
_SHIM = Path(__file__).parent / "shim.cpp"
_PARTS = (
    "collector",
    "dram",
    "elf_loader",
    "job",
    "memory",
    "memory_order",
    "oracle",
    "page_tables",
    "phase",
    "watch",
)
_FLAGS = ("-std=gnu++20", "-O1", "-fPIC", "-shared", "-Wall", "-Wextra", "-Werror")


class NativeRecord(ctypes.Structure):
    """A record of the retire port; the same fields in the same order as in shim.cpp."""

    _fields_ = [
        *((name, ctypes.c_uint64) for name in ("pc", "rd_data", "mem_paddr", "mem_wdata")),
        ("insn", ctypes.c_uint32),
        *(
            (name, ctypes.c_uint8)
            for name in ("privilege", "trap", "rd_valid", "rd", "mem_write", "mem_size")
        ),
    ]


class NativeAccess(ctypes.Structure):
    """What the oracle looks at of a record; the same fields in the same order as in shim.cpp."""

    _fields_ = [
        *(
            (name, ctypes.c_uint64)
            for name in (
                "cause", "tval", "pc", "fetch_paddr", "fetch_pte", "mem_vaddr", "mem_paddr",
                "mem_pte", "root_ppn",
            )
        ),
        ("insn", ctypes.c_uint32),
        ("asid", ctypes.c_uint16),
        *(
            (name, ctypes.c_uint8)
            for name in (
                "trap", "privilege", "data_privilege", "sum", "mxr", "hardware_ad_update",
                "fetch_translated", "fetch_level", "mem_read", "mem_write", "mem_translated",
                "mem_level",
            )
        ),
    ]  # fmt: skip


class NativeFinding(ctypes.Structure):
    """A finding of the oracle; the same fields in the same order as in shim.cpp."""

    _fields_ = [
        *(
            (name, ctypes.c_uint64)
            for name in (
                "cycle", "pc", "vaddr", "used_paddr", "walked_paddr", "age", "thread",
            )
        ),
        *((name, ctypes.c_uint8) for name in ("kind", "after_fence", "hart", "access")),
    ]  # fmt: skip


@functools.cache
def library() -> ctypes.CDLL:
    sources = [_SHIM, *(_NATIVE / f"{part}.cpp" for part in _PARTS)]
    key = {
        "sources": sources_digest([_SHIM, *sorted(_NATIVE.glob("*.[ch]pp"))]),
        "flags": _FLAGS,
        "g++": toolchain.host_compiler_version(),
    }

    def build(directory: Path) -> None:
        command = ["g++", *_FLAGS, f"-I{_NATIVE}", "-o", "native.so", *map(str, sources)]
        toolchain.run(command, cwd=directory, what="compiling sim/native for its tests")

    shared = ctypes.CDLL(str(cached_build("native-tests", key, build) / "native.so"))
    for name in ("test_load_elf", "test_sentence", "test_order_violation"):
        getattr(shared, name).restype = ctypes.c_char_p
    shared.test_oracle_load.restype = ctypes.c_uint64
    for name in ("test_collector_new", "test_dram_new", "test_oracle_new", "test_order_new"):
        getattr(shared, name).restype = ctypes.c_void_p
    for name in ("samples", "counter", "stalls", "events"):
        getattr(shared, f"test_collector_{name}").restype = ctypes.c_uint64
    return shared


def load_elf(path: Path, base: int, size: int, address: int = 0, length: int = 0) -> bytes | str:
    """Load a file into an empty DRAM; return bytes from it, or the sentence of the refusal."""
    buffer = ctypes.create_string_buffer(length)
    sentence = library().test_load_elf(
        str(path).encode(),
        *(ctypes.c_uint64(value) for value in (base, size, address or base)),
        buffer,
        ctypes.c_uint64(length),
    )
    return sentence.decode() if sentence else buffer.raw


class Collector:
    """The collector of one hart, with the probes of a job file."""

    def __init__(self, job_file: Path):
        self._native = library()
        pointer = self._native.test_collector_new(str(job_file).encode())
        if not pointer:
            raise ValueError(self._native.test_sentence().decode())
        self._bench = ctypes.c_void_p(pointer)

    def __del__(self):
        if hasattr(self, "_bench"):
            self._native.test_collector_delete(self._bench)

    def cycle(
        self, cause: int, privilege: int, events: int = 0, record: NativeRecord | None = None
    ) -> None:
        pointer = ctypes.byref(record) if record is not None else None
        self._native.test_collector_cycle(self._bench, cause, privilege, events, pointer)

    def end(self) -> None:
        self._native.test_collector_end(self._bench)

    def samples(self) -> np.ndarray:
        start = ctypes.c_void_p()
        size = self._native.test_collector_samples(self._bench, ctypes.byref(start))
        raw = ctypes.string_at(start, size) if size else b""
        return np.frombuffer(raw, dtype=SAMPLE)

    def counter(self, index: int) -> int:
        return self._native.test_collector_counter(self._bench, index)

    def stalls(self, privilege: int, cause: int) -> int:
        return self._native.test_collector_stalls(self._bench, privilege, cause)

    def events(self, privilege: int, event: int) -> int:
        return self._native.test_collector_events(self._bench, privilege, event)

    def window(self) -> tuple[int, int]:
        values = (ctypes.c_uint64 * 2)()
        self._native.test_collector_window(self._bench, values)
        return values[0], values[1]

    def watch(self, index: int) -> tuple[int, int, int, int]:
        """Integral, minimum, maximum, last."""
        values = (ctypes.c_uint64 * 4)()
        self._native.test_collector_watch(self._bench, index, values)
        return values[0], values[1], values[2], values[3]


class Oracle:
    """The oracle over 64 MiB of memory at 0x8000_0000."""

    def __init__(self, harts: int, napot_16k: bool, page_list: tuple[int, int]):
        self._native = library()
        base, size = map(ctypes.c_uint64, page_list)
        self._bench = ctypes.c_void_p(
            self._native.test_oracle_new(harts, int(napot_16k), base, size)
        )

    def __del__(self):
        self._native.test_oracle_delete(self._bench)

    def record(self, hart: int, access: NativeAccess, cycle: int, tp: int) -> None:
        self._native.test_oracle_record(
            self._bench, hart, ctypes.byref(access), ctypes.c_uint64(cycle), ctypes.c_uint64(tp)
        )

    def store(self, address: int, value: int, cycle: int, size: int = 8) -> None:
        self._native.test_oracle_store(
            self._bench, *(ctypes.c_uint64(number) for number in (address, value, size, cycle))
        )

    def load(self, address: int) -> int:
        return self._native.test_oracle_load(self._bench, ctypes.c_uint64(address))

    def walked(self, address: int, level: int) -> None:
        self._native.test_oracle_walked(self._bench, ctypes.c_uint64(address), level)

    def fence(self, hart: int, vaddr: int | None, asid: int | None, cycle: int) -> None:
        self._native.test_oracle_fence(
            self._bench,
            hart,
            int(vaddr is not None),
            int(asid is not None),
            ctypes.c_uint64(vaddr or 0),
            asid or 0,
            ctypes.c_uint64(cycle),
        )

    def counts(self) -> tuple[int, ...]:
        """Checked, then before and after the fence: stale, harmful, spurious."""
        values = (ctypes.c_uint64 * 7)()
        self._native.test_oracle_counts(self._bench, values)
        return tuple(values)

    def findings(self) -> list[NativeFinding]:
        found = []
        while True:
            finding = NativeFinding()
            index = len(found)
            if not self._native.test_oracle_finding(self._bench, index, ctypes.byref(finding)):
                return found
            found.append(finding)


@dataclass
class Dram:
    """DRAM of 1 MiB at 0x8000_0000; `beats` and `acknowledgements` list (cycle seen, ...)."""

    line_bytes: int
    latency: int
    stall_seed: int = 0
    cycle: int = 0
    beats: list[tuple[int, int, int]] = field(default_factory=list)
    acknowledgements: list[tuple[int, int]] = field(default_factory=list)

    def __post_init__(self):
        native = library()
        seed = ctypes.c_uint64(self.stall_seed)
        self._bench = ctypes.c_void_p(native.test_dram_new(self.line_bytes, self.latency, seed))

    def __del__(self):
        library().test_dram_delete(self._bench)

    def tick(
        self,
        read: tuple[int, int] | None = None,
        write: tuple[int, int] | None = None,
        data: int | None = None,
    ) -> None:
        """One cycle with a request, (address, source), and a beat of write data."""
        address, source = read or write or (0, 0)
        seen = (ctypes.c_uint64 * 5)()
        library().test_dram_tick(
            self._bench,
            int(bool(read or write)),
            int(bool(write)),
            ctypes.c_uint64(address),
            source,
            int(data is not None),
            ctypes.c_uint64(data or 0),
            seen,
        )
        self.cycle += 1
        if seen[0]:
            self.beats.append((self.cycle, seen[1], seen[2]))
        if seen[3]:
            self.acknowledgements.append((self.cycle, seen[4]))

    def idle(self, cycles: int) -> None:
        for _ in range(cycles):
            self.tick()
