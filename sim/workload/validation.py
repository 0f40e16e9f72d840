"""What a workload must keep to, so that the kernel can run it."""

from __future__ import annotations

from ..errors import UserError
from .threads import (
    DEPTH_STEP,
    MAX_DEPTH,
    MAX_HARTS,
    MAX_PROCESSES,
    MAX_THREADS,
    MAX_TICKS,
    REGISTER_FRAME,
    STACK_BYTES,
    Op,
    OpKind,
    Thread,
    ThreadKind,
    Workload,
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
            f"{where} lives on hart {thread.home}, and there are {workload.harts}: use more harts"
        )
    for index, op in enumerate(thread.ops):
        _validate_op(op, len(workload.calls), f"{where}, op {index}")
        if op.kind is OpKind.FENCE and op.harts >= workload.harts:
            raise UserError(
                f"{where}, op {index} fences on {op.harts} other harts of {workload.harts}: "
                "use more harts"
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
