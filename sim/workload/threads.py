"""A workload: threads, and what each of them does, one op after the other."""

from __future__ import annotations

import enum
from dataclasses import dataclass

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
"""Threads, harts and processes that the kernel has room for."""
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
