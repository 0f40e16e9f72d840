"""The workload blob, version 2: what the kernel finds in memory beside its image.

Little-endian. A header of 80 bytes, then threads and ops of 32 bytes each, then the names of the
system calls, which the kernel does not read. `docs/workloads.md` documents every field.
"""

from __future__ import annotations

import struct
from dataclasses import replace

from ..errors import UserError
from .threads import Op, OpKind, RemoteFence, Thread, ThreadKind, Workload
from .validation import validate

MAGIC = b"DSTKWL01"
VERSION = 2
FLAG_ZERO_PAGES, FLAG_PINNED, FLAG_COUNTS_DAMAGE = 1, 2, 4
HEADER = struct.Struct("<8sIIIIQIIQQQIIQ")
THREAD = struct.Struct("<6I8x")
OP = struct.Struct("<HHIIIIIII")
MAX_BYTES = 32 << 20
"""Memory that the machine has for a blob."""


def encode(workload: Workload) -> bytes:
    """Return the blob, or raise UserError if a field has no place in it."""
    validate(workload, "the workload")
    _require_room(workload)
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


def _require_room(workload: Workload) -> None:
    size = HEADER.size + sum(THREAD.size + OP.size * len(one.ops) for one in workload.threads)
    if size > MAX_BYTES:
        raise UserError(
            f"the workload takes {size} bytes: the machine has {MAX_BYTES} for it; use fewer calls"
        )


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
    if total > MAX_BYTES:
        raise UserError(f"{source} has {total} bytes: the machine has {MAX_BYTES} for it")
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
