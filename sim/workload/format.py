"""The workload blob, version 2: what the kernel finds in memory beside its image.

Little-endian. A header of 80 bytes, then threads and ops of 32 bytes each, then the names of the
system calls, which the kernel does not read. `docs/workloads.md` documents every field.
"""

from __future__ import annotations

import enum
import struct
from dataclasses import dataclass, replace

from ..errors import UserError

MAGIC = b"DSTKWL01"
VERSION = 2
FLAG_ZERO_PAGES, FLAG_PINNED, FLAG_COUNTS_DAMAGE = 1, 2, 4
HEADER = struct.Struct("<8sIIIIQIIQQQIIQ")
THREAD = struct.Struct("<6I8x")
OP = struct.Struct("<HHIIIIIII")

STACK_BYTES = 16 << 10
MAX_DEPTH = 15 << 10
"""Deepest use that an op may ask for: an interrupt still needs its frame and its handler below."""
REGISTER_FRAME = 288
"""User registers at the top of the stack, counted in every depth."""
DEPTH_STEP = 16
"""The ABI keeps the stack pointer a multiple of 16."""
MAX_THREADS = 503
MAX_HARTS = 8
MAX_PROCESSES = 64
MAX_BYTES = 32 << 20
"""Threads, harts, processes and memory that the kernel has room for."""
MAX_TICKS = (1 << 32) - 1


class OpKind(enum.IntEnum):
    """What the U-mode program does next."""

    CALL = 1
    SLEEP = 2
    FAULT = 3
    YIELD = 4
    EXIT = 5
    FENCE = 6
    WAIT = 7
    WAKE = 8


SYSTEM_CALLS = (
    OpKind.CALL,
    OpKind.SLEEP,
    OpKind.YIELD,
    OpKind.FENCE,
    OpKind.WAIT,
    OpKind.WAKE,
)
"""Ops that enter the kernel by `ecall` and complete a system call."""


class ThreadKind(enum.IntEnum):
    USER = 0
    KERNEL = 1


class RemoteFence(enum.IntEnum):
    """How a hart makes others fence."""

    SBI = 0
    """By the SBI, which interrupts them in M-mode."""
    IPI = 1
    """By a software interrupt in S-mode."""
    BROADCAST = 2
    """Ideal: the machine carries each fence to all harts."""


@dataclass(frozen=True)
class Op:
    """One step of a thread. Depths in bytes from the top of the stack, times in mtime ticks.

    `harts` counts modulo the harts there are: who sleeps or waits goes on so many harts further,
    and a fence asks as many of the following harts to fence. `depth_after` is how deep a sleeper
    goes once more before it returns; 0: no deeper than it slept. `thread` is whom a wake wakes, by
    its place in the workload: it has no `harts`.
    """

    kind: OpKind
    call: int = 0
    user_work: int = 0
    depth: int = 0
    sleep_depth: int = 0
    sleep_ticks: int = 0
    frame_bytes: int = 112
    harts: int = 0
    depth_after: int = 0
    thread: int = 0


@dataclass(frozen=True)
class Thread:
    process: int
    ops: tuple[Op, ...]
    kind: ThreadKind = ThreadKind.USER
    start_delay: int = 0
    home: int | None = None
    """The hart it begins on; None: its number modulo the number of harts."""


@dataclass(frozen=True)
class Workload:
    """Threads with their ops, and the names that `Op.call` indexes."""

    threads: tuple[Thread, ...]
    calls: tuple[str, ...]
    seed: int = 0
    tick_interval: int = 0
    zero_pages: bool = False
    pinned: bool = False
    """Threads change harts where ops say so, and are not pulled by idle harts."""
    counts_damage: bool = False
    """A stack that does not hold what its thread left there is counted, and ends no run."""
    harts: int = 1
    remote_fence: RemoteFence = RemoteFence.SBI

    @property
    def processes(self) -> int:
        return 1 + max(thread.process for thread in self.threads)

    def count(self, *kinds: OpKind) -> int:
        """Return how many ops of these kinds all threads together have."""
        return sum(op.kind in kinds for thread in self.threads for op in thread.ops)

    @property
    def waits(self) -> bool:
        """Whether threads wait for each other: only some images have these ops."""
        return self.count(OpKind.WAIT, OpKind.WAKE) > 0


def encode(workload: Workload) -> bytes:
    """Return the blob, or raise UserError if a field has no place in it."""
    validate(workload, "the workload")
    threads, ops = [], []
    for thread in workload.threads:
        threads.append(
            THREAD.pack(
                thread.process,
                thread.kind,
                len(ops),
                len(thread.ops),
                thread.start_delay,
                0 if thread.home is None else thread.home + 1,
            )
        )
        ops.extend(
            OP.pack(
                op.kind,
                op.call,
                op.user_work,
                op.depth,
                op.sleep_depth,
                op.sleep_ticks,
                op.frame_bytes,
                op.thread if op.kind is OpKind.WAKE else op.harts,
                op.depth_after,
            )
            for op in thread.ops
        )
    names = "\n".join(workload.calls).encode()
    names += bytes(-len(names) % 8)
    ops_offset = HEADER.size + THREAD.size * len(threads)
    header = HEADER.pack(
        MAGIC,
        VERSION,
        len(threads),
        workload.processes,
        FLAG_ZERO_PAGES * workload.zero_pages
        | FLAG_PINNED * workload.pinned
        | FLAG_COUNTS_DAMAGE * workload.counts_damage,
        workload.seed,
        workload.tick_interval,
        len(ops),
        HEADER.size,
        ops_offset,
        ops_offset + OP.size * len(ops) + len(names),
        workload.harts,
        workload.remote_fence,
        0,
    )
    return b"".join([header, *threads, *ops, names])


def decode(blob: bytes, source: str = "the blob") -> Workload:
    """Return the workload of a blob, or raise UserError that names `source` and what is wrong."""
    if len(blob) < HEADER.size or blob[:8] != MAGIC:
        raise UserError(
            f"{source} is not a workload: it does not begin with {MAGIC.decode()}; "
            "make one with `dynstack workload build`"
        )
    fields = HEADER.unpack_from(blob)
    version, nr_threads, nr_processes, flags, seed, tick_interval, nr_ops = fields[1:8]
    threads_at, ops_at, total, harts, remote_fence, _ = fields[8:]
    if version != VERSION:
        raise UserError(f"{source} has format version {version}: this program reads {VERSION}")
    ops_end = ops_at + OP.size * nr_ops
    if total != len(blob) or threads_at + THREAD.size * nr_threads > total or ops_end > total:
        raise UserError(
            f"{source} is truncated or damaged: its header tells of {total} bytes with "
            f"{nr_threads} threads and {nr_ops} ops, and it has {len(blob)} bytes"
        )
    if flags & ~(FLAG_ZERO_PAGES | FLAG_PINNED | FLAG_COUNTS_DAMAGE):
        raise UserError(f"{source} has unknown flags {flags:#x}: only bits 0 to 2 mean something")
    try:
        ops = [_op(OP.unpack_from(blob, ops_at + OP.size * i)) for i in range(nr_ops)]
        threads = [
            _thread(THREAD.unpack_from(blob, threads_at + THREAD.size * i), ops, f"thread {i}")
            for i in range(nr_threads)
        ]
        names = blob[ops_end:].rstrip(b"\0").decode()
    except (ValueError, UnicodeDecodeError) as error:
        raise UserError(f"{source} is damaged: {error}") from None
    calls = tuple(names.split("\n")) if names else ()
    if remote_fence not in iter(RemoteFence):
        raise UserError(f"{source} has remote fences of unknown form {remote_fence}: use 0 to 2")
    workload = Workload(
        tuple(threads),
        calls,
        seed,
        tick_interval,
        bool(flags & FLAG_ZERO_PAGES),
        bool(flags & FLAG_PINNED),
        bool(flags & FLAG_COUNTS_DAMAGE),
        harts,
        RemoteFence(remote_fence),
    )
    validate(workload, source)
    if workload.processes != nr_processes:
        raise UserError(f"{source} is damaged: processes are not numbered from 0 without gaps")
    return workload


def _op(fields: tuple[int, ...]) -> Op:
    op = Op(OpKind(fields[0]), *fields[1:9])
    return replace(op, thread=op.harts, harts=0) if op.kind is OpKind.WAKE else op


def _thread(fields: tuple[int, ...], ops: list[Op], name: str) -> Thread:
    process, kind, first, count, start_delay, home = fields
    if first + count > len(ops):
        raise ValueError(f"{name} has ops that are not there")
    return Thread(
        process,
        tuple(ops[first : first + count]),
        ThreadKind(kind),
        start_delay,
        home - 1 if home else None,
    )


def validate(workload: Workload, source: str) -> None:
    """Raise UserError with a sentence about the first thing that no kernel could run."""
    threads = workload.threads
    if not 1 <= len(threads) <= MAX_THREADS:
        raise UserError(f"{source} has {len(threads)} threads: use 1 to {MAX_THREADS}")
    used = {thread.process for thread in threads}
    if used != set(range(len(used))):
        raise UserError(f"{source} must number its processes from 0 without gaps")
    if len(used) > MAX_PROCESSES:
        raise UserError(f"{source} has {len(used)} processes: use 1 to {MAX_PROCESSES}")
    size = HEADER.size + sum(THREAD.size + OP.size * len(thread.ops) for thread in threads)
    if size > MAX_BYTES:
        raise UserError(
            f"{source} takes {size} bytes: the machine has {MAX_BYTES} for it; use fewer calls"
        )
    for name, value in (("seed", workload.seed), ("tick_interval", workload.tick_interval)):
        limit = (1 << 64) - 1 if name == "seed" else MAX_TICKS
        if not 0 <= value <= limit:
            raise UserError(f"{source} has {name} {value}: use 0 to {limit}")
    for name in workload.calls:
        if not name or any(c in name for c in "\n\0"):
            raise UserError(f"{source} has a system call named {name!r}: use a plain word")
    if not 1 <= workload.harts <= MAX_HARTS:
        raise UserError(f"{source} is for {workload.harts} harts: use 1 to {MAX_HARTS}")
    for index, thread in enumerate(threads):
        _validate_thread(workload, thread, f"{source}, thread {index}")
    _validate_wakes(threads, source)


def _validate_thread(workload: Workload, thread: Thread, where: str) -> None:
    kinds = [op.kind for op in thread.ops]
    if OpKind.EXIT not in kinds or kinds.index(OpKind.EXIT) != len(kinds) - 1:
        raise UserError(f"{where} must end with its only exit")
    if thread.kind is ThreadKind.KERNEL and OpKind.FAULT in kinds:
        raise UserError(f"{where} is a kernel thread and cannot fault on user memory")
    if thread.kind is ThreadKind.KERNEL and (OpKind.WAIT in kinds or OpKind.WAKE in kinds):
        raise UserError(f"{where} is a kernel thread and neither waits for others nor wakes them")
    if not 0 <= thread.start_delay <= MAX_TICKS:
        raise UserError(f"{where} has start_delay {thread.start_delay}: use 0 to {MAX_TICKS}")
    if thread.home is not None and not 0 <= thread.home < workload.harts:
        raise UserError(
            f"{where} lives on hart {thread.home}, and there are {workload.harts}: use --harts"
        )
    for index, op in enumerate(thread.ops):
        _validate_op(op, len(workload.calls), f"{where}, op {index}")
        if op.kind is OpKind.FENCE and op.harts >= workload.harts:
            raise UserError(
                f"{where}, op {index} fences on {op.harts} other harts of {workload.harts}: "
                "use --harts"
            )


def _validate_wakes(threads: tuple[Thread, ...], source: str) -> None:
    """A thread that waits more often than it is woken never ends."""
    wakes = [op for thread in threads for op in thread.ops if op.kind is OpKind.WAKE]
    for op in wakes:
        if not 0 <= op.thread < len(threads):
            raise UserError(f"{source} wakes thread {op.thread}, and has {len(threads)}")
    for index, thread in enumerate(threads):
        waits = sum(op.kind is OpKind.WAIT for op in thread.ops)
        woken = sum(op.thread == index for op in wakes)
        if waits > woken:
            raise UserError(
                f"{source}, thread {index} waits {waits} times and is woken {woken} times"
            )


def _validate_op(op: Op, nr_calls: int, where: str) -> None:
    if not 0 <= op.call < max(1, nr_calls):
        raise UserError(f"{where} names system call {op.call} of {nr_calls}")
    if not 0 <= op.user_work <= MAX_TICKS or not 0 <= op.sleep_ticks <= MAX_TICKS:
        raise UserError(f"{where} has a time that does not fit 32 bits")
    if not 0 <= op.harts <= MAX_TICKS:
        raise UserError(f"{where} counts {op.harts} harts: use 0 to {MAX_TICKS}")
    if op.kind not in (OpKind.YIELD, OpKind.EXIT) and not (REGISTER_FRAME <= op.depth <= MAX_DEPTH):
        raise UserError(
            f"{where} goes {op.depth} bytes deep: use {REGISTER_FRAME} (the user's registers) to "
            f"{MAX_DEPTH} (an interrupt needs the rest of the {STACK_BYTES})"
        )
    sleeps = op.kind in (OpKind.SLEEP, OpKind.WAIT)
    if sleeps and not REGISTER_FRAME <= op.sleep_depth <= op.depth:
        raise UserError(
            f"{where} sleeps with {op.sleep_depth} bytes in use: use {REGISTER_FRAME} to its depth "
            f"of {op.depth}"
        )
    if op.depth_after and not REGISTER_FRAME <= op.depth_after <= MAX_DEPTH:
        raise UserError(
            f"{where} goes {op.depth_after} bytes deep after its sleep: use 0, or "
            f"{REGISTER_FRAME} to {MAX_DEPTH}"
        )
    if any(depth % DEPTH_STEP for depth in (op.depth, op.sleep_depth, op.depth_after)):
        raise UserError(f"{where} has a depth that is not a multiple of {DEPTH_STEP}")
    if not 16 <= op.frame_bytes <= 4096 or op.frame_bytes % 16:
        raise UserError(
            f"{where} has frames of {op.frame_bytes} bytes: use a multiple of 16 from 16 to 4096"
        )
