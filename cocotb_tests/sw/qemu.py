"""Runs a kernel image on QEMU's `virt` machine, and the workloads that its tests use."""

from __future__ import annotations

import random
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from sim.workload.threads import Op, OpKind, Thread, ThreadKind, Workload

WORKLOAD_ADDRESS = 0x8600_0000
TIMEOUT_SECONDS = 240
"""Many times what a run takes: time is the host's here, which may be slow and busy."""


@dataclass(frozen=True)
class QemuRun:
    """`code` is what the test finisher said; `trace` is QEMU's log of traps, if asked for."""

    code: int
    output: str
    trace: str


def require_qemu() -> str:
    """Path of the program; without it the test is skipped."""
    qemu = shutil.which("qemu-system-riscv64")
    if qemu is None:
        pytest.skip("no qemu-system-riscv64 on PATH: apt-get install qemu-system-misc")
    return qemu


def run_on_qemu(
    image: Path, blob: bytes, directory: Path, *, trace: bool = False, harts: int = 1
) -> QemuRun:
    """Boot the image with the blob in memory.

    With one hart time follows the instruction count: 1 ns each. With more each hart is a thread of
    its own and time is the host's: no two runs are alike, so that what passes does not depend on
    an order of events.
    """
    qemu = require_qemu()
    workload = directory / "workload.bin"
    workload.write_bytes(blob)
    log = directory / "trace.log"
    command = [
        qemu, "-M", "virt,aclint=on", "-smp", str(harts), "-bios", "none", "-kernel", str(image),
        "-device", f"loader,file={workload},addr={WORKLOAD_ADDRESS:#x},force-raw=on",
        "-display", "none", "-monitor", "none", "-serial", "stdio", "-no-reboot",
    ]  # fmt: skip
    if harts == 1:
        command += ["-icount", "shift=0,sleep=off"]
    if trace:
        command += ["-d", "int", "-D", str(log)]
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    return QemuRun(done.returncode, done.stdout + done.stderr, log.read_text() if trace else "")


def mixed_workload(seed: int, threads: int = 12, ops: int = 40, *, zero: bool = False) -> Workload:
    """All kinds of operation at all depths, in three processes; some threads start late."""
    draw = random.Random(seed)

    def op() -> Op:
        kinds = (OpKind.CALL, OpKind.SLEEP, OpKind.FAULT, OpKind.YIELD)
        kind = draw.choices(kinds, weights=(6, 2, 2, 1))[0]
        depth = draw.choice((288, 480, 1024, 2000, 4096, 5008, 8192, 12000, 15360))
        sleeps = kind is OpKind.SLEEP
        return Op(
            kind,
            user_work=draw.randrange(500),
            depth=depth,
            sleep_depth=min(depth, draw.choice((640, 1024, 2000, 5008))) if sleeps else 0,
            sleep_ticks=draw.randrange(1, 500) if sleeps else 0,
            frame_bytes=draw.choice((32, 112, 240)),
        )

    user = [
        Thread(
            process=index % 3,
            ops=(*(op() for _ in range(ops)), Op(OpKind.EXIT)),
            start_delay=draw.randrange(1, 20000) if index % 2 else 0,
        )
        for index in range(threads)
    ]
    kernel_ops = (
        Op(OpKind.CALL, depth=9008),
        Op(OpKind.SLEEP, depth=2000, sleep_depth=1008, sleep_ticks=50),
        Op(OpKind.YIELD),
    )
    kernel = Thread(0, (*kernel_ops * 5, Op(OpKind.EXIT)), kind=ThreadKind.KERNEL)
    return Workload((*user, kernel), ("mixed",), seed, tick_interval=100, zero_pages=zero)


def uniform_workload(*ops: Op, threads: int = 1, tick_interval: int = 0) -> Workload:
    """User threads of one process that all do the same, and exit."""
    thread = Thread(0, (*ops, Op(OpKind.EXIT)))
    return Workload((thread,) * threads, ("uniform",), tick_interval=tick_interval)
