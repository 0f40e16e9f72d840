"""The kernel on QEMU's `virt` machine: every policy runs and checks itself, and what must stop
a run stops it."""

from __future__ import annotations

import itertools
import re
import struct
from pathlib import Path

import pytest

from cocotb_tests.sw.qemu import (
    mixed_workload,
    run_on_qemu,
    uniform_workload,
)
from sim import firmware
from sim.workload.format import HEADER, OP, THREAD, encode
from sim.workload.sharing import sharing
from sim.workload.threads import SYSTEM_CALLS, Op, OpKind, Thread, ThreadKind, Workload

PANIC = 1
UNUSABLE_WORKLOAD = 2
FIRST_OP = HEADER.size + THREAD.size

TRAP = re.compile(r"async:(\d), cause:0*([0-9a-f]+), epc:(0x[0-9a-f]+), tval")
TIMER_INTERRUPT = ("1", "5")
STORE_PAGE_FAULT = ("0", "f")


def _patched(blob: bytes, offset: int, value: bytes) -> bytes:
    return blob[:offset] + value + blob[offset + len(value) :]


def _u32(value: int) -> bytes:
    return struct.pack("<I", value)


def _summary(policy, workload) -> str:
    user = [op for t in workload.threads if t.kind == 0 for op in t.ops]
    calls = sum(op.kind in SYSTEM_CALLS for op in user)
    faults = sum(op.kind is OpKind.FAULT for op in user)
    threads = len(workload.threads)
    return (
        f"dynstack {policy}: threads {threads}, calls {calls}, faults {faults}, self-check passed\n"
    )


@pytest.mark.parametrize("zero", [False, True], ids=["plain", "zeroed"])
@pytest.mark.parametrize("policy", firmware.policies())
def test_policy_completes_a_mixed_workload(policy, zero, tmp_path):
    """Exactly the calls and faults that the workload asks for complete, and no page is lost."""
    workload = mixed_workload(seed=7, zero=zero)
    run = run_on_qemu(firmware.build_kernel(policy), encode(workload), tmp_path)
    assert (run.code, run.output) == (0, _summary(policy, workload))


@pytest.mark.parametrize("policy", firmware.policies())
def test_many_threads_reuse_stack_addresses(policy, tmp_path):
    """More threads than a batch of freed stack addresses, born and dying in turn."""
    workload = mixed_workload(seed=8, threads=100, ops=6)
    run = run_on_qemu(firmware.build_kernel(policy), encode(workload), tmp_path)
    assert (run.code, run.output) == (0, _summary(policy, workload))


REFUSED = {
    "magic": (0, b"NOTAWORK", "magic is"),
    "version": (8, _u32(3), "version is 3"),
    "no threads": (12, _u32(0), "0 threads"),
    "too many threads": (12, _u32(100_000), "100000 threads"),
    "no processes": (16, _u32(0), "0 processes"),
    "too many ops": (36, _u32(1 << 30), "reach beyond"),
    "size": (56, struct.pack("<Q", 1 << 40), "there is room for"),
    "no harts": (64, _u32(0), "0 harts"),
    "remote fence": (68, _u32(3), "form 3"),
    "thread's process": (HEADER.size, _u32(9), "belongs to process 9 of 1"),
    "thread's kind": (HEADER.size + 4, _u32(2), "has kind 2"),
    "thread's ops": (HEADER.size + 12, _u32(7), "beyond the"),
    "thread's home": (HEADER.size + 20, _u32(2), "lives on hart 1 of 1"),
    "op's kind": (FIRST_OP, struct.pack("<H", 9), "has kind 9"),
    "early exit": (FIRST_OP, struct.pack("<H", OpKind.EXIT), "exit must be the last"),
    "depth": (FIRST_OP + 8, _u32(1001), "multiples of 16"),
    "frame": (FIRST_OP + 20, _u32(24), "frames of 24 bytes"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_unusable_workload_is_refused(what, tmp_path):
    offset, value, message = REFUSED[what]
    blob = _patched(encode(uniform_workload(Op(OpKind.CALL, depth=1024))), offset, value)
    run = run_on_qemu(firmware.build_kernel("P0"), blob, tmp_path)
    assert run.code == UNUSABLE_WORKLOAD
    assert run.output.startswith("unusable workload: ")
    assert message in run.output


def who_waits(kind: ThreadKind = ThreadKind.USER) -> bytes:
    """One thread that wakes itself, so that the wait ends before it begins."""
    wake, wait = Op(OpKind.WAKE, depth=480), Op(OpKind.WAIT, depth=480, sleep_depth=480)
    blob = encode(uniform_workload(wake, wait))
    return _patched(blob, HEADER.size + 4, _u32(kind))


def test_images_without_waits_refuse_them(tmp_path):
    for waits, expected in ((True, 0), (False, UNUSABLE_WORKLOAD)):
        run = run_on_qemu(firmware.build_kernel("P0", waits=waits), who_waits(), tmp_path)
        assert run.code == expected, run.output
    assert "operation 0 of thread 0 has kind 8" in run.output


@pytest.mark.parametrize(
    ("blob", "message"),
    [
        (who_waits(ThreadKind.KERNEL), "neither waits for others nor wakes them"),
        (_patched(who_waits(), FIRST_OP + 24, _u32(1)), "wakes thread 1 of 1"),
        (
            _patched(who_waits(), FIRST_OP + OP.size + 12, _u32(496)),
            "sleeps with 496 bytes in use, and goes 480 deep",
        ),
    ],
)
def test_unusable_waits_are_refused(blob, message, tmp_path):
    run = run_on_qemu(firmware.build_kernel("P0", waits=True), blob, tmp_path)
    assert run.code == UNUSABLE_WORKLOAD
    assert message in run.output


@pytest.mark.parametrize("policy", firmware.policies())
def test_threads_wait_for_each_other(policy, tmp_path):
    """On one hart nobody meets a translation that has ended: every policy completes."""
    workload = sharing(20, threads=20, rounds=8)
    image = firmware.build_kernel(policy, waits=True)
    run = run_on_qemu(image, encode(workload), tmp_path)
    assert (run.code, run.output) == (0, _summary(policy, workload))


@pytest.mark.parametrize("policy", firmware.policies())
def test_guard_page_hit_panics_on_the_overflow_stack(policy, tmp_path):
    """A call that goes below its 16 KiB is stopped with a message, not silently."""
    blob = encode(uniform_workload(Op(OpKind.CALL, depth=15 << 10)))
    deeper = struct.unpack_from("<I", blob, FIRST_OP + 8)[0] + 2048
    run = run_on_qemu(
        firmware.build_kernel(policy), _patched(blob, FIRST_OP + 8, _u32(deeper)), tmp_path
    )
    assert run.code == PANIC
    assert run.output.startswith("panic: kernel stack overflow: sp 0x")


def test_p1_survives_interrupts_where_the_next_frame_is_not_mapped(tmp_path):
    """Calls stop within a frame of the end of the mapped pages while ticks arrive.

    An interrupt that finds no room for its frame is put off by the stack fault, and taken again at
    the same instruction: that is how it shows in QEMU's log.
    """
    near_the_end = [Op(OpKind.CALL, depth=depth) for depth in range(3840, 4096, 16)]
    beyond = Op(OpKind.CALL, depth=9008)
    workload = uniform_workload(*near_the_end * 4, beyond, threads=24, tick_interval=7)
    run = run_on_qemu(firmware.build_kernel("P1"), encode(workload), tmp_path, trace=True)
    assert (run.code, run.output) == (0, _summary("P1", workload))

    traps = TRAP.findall(run.trace)
    postponed = sum(
        first == second and first[:2] == TIMER_INTERRUPT
        for first, second in itertools.pairwise(traps)
    )
    assert postponed > 0
    assert any(trap[:2] == STORE_PAGE_FAULT for trap in traps)


PAGE = 4096


def stack_faults(policy: str, directory: Path, *ops: Op) -> int:
    """Times that a thread which does this finds a page of its kernel stack missing."""
    blob = encode(uniform_workload(*ops))
    run = run_on_qemu(firmware.build_kernel(policy), blob, directory, trace=True)
    assert run.code == 0
    return sum(trap[:2] == STORE_PAGE_FAULT for trap in TRAP.findall(run.trace))


@pytest.mark.parametrize("pages", [1, 2, 3])
def test_calls_use_exactly_the_depth_they_are_given(pages, tmp_path):
    """Under P1 a call down to the end of a page grows the stack by none, 16 bytes more by one."""
    end = pages * PAGE
    assert stack_faults("P1", tmp_path, Op(OpKind.CALL, depth=end)) == pages - 1
    assert stack_faults("P1", tmp_path, Op(OpKind.CALL, depth=end + 16)) == pages
    assert stack_faults("P1", tmp_path, Op(OpKind.YIELD, depth=end + 16)) == pages
    to_end = Op(OpKind.SLEEP, depth=end, sleep_depth=end, sleep_ticks=100)
    assert stack_faults("P1", tmp_path, to_end, to_end, to_end) == pages - 1


@pytest.mark.parametrize(("policy", "faults"), [("P1", 3), ("P12", 6)])
def test_what_a_switch_gives_back_faults_again(policy, faults, tmp_path):
    """Two dives, with a switch at one page between: P12 grows for each, P1 once. A sleep at the
    bottom gives nothing back."""
    dive = Op(OpKind.CALL, depth=15008)
    shallow = Op(OpKind.SLEEP, depth=1008, sleep_depth=1008, sleep_ticks=100)
    deep = Op(OpKind.SLEEP, depth=15008, sleep_depth=15008, sleep_ticks=100)
    assert stack_faults(policy, tmp_path, dive, shallow, dive) == faults
    assert stack_faults(policy, tmp_path, dive, deep, deep, deep) == 3


@pytest.mark.parametrize(("policy", "again"), [("P0", 0), ("P9", 1)])
def test_who_has_to_wait_executes_the_call_again(policy, again, tmp_path):
    """Once more for each wait, and for nothing else: a wait that is over before it begins, a call,
    and giving the hart away are done in one."""

    def calls(*ops: Op) -> int:
        image = firmware.build_kernel(policy, waits=True)
        workload = uniform_workload(*ops)
        run = run_on_qemu(image, encode(workload), tmp_path, trace=True)
        assert (run.code, run.output) == (0, _summary(policy, workload))
        return sum(trap[:2] == ("0", "8") for trap in TRAP.findall(run.trace)) - 1  # the exit

    sleep = Op(OpKind.SLEEP, depth=9008, sleep_depth=5008, sleep_ticks=100, depth_after=12000)
    wake, wait = Op(OpKind.WAKE, depth=480), Op(OpKind.WAIT, depth=480, sleep_depth=480)
    others = (Op(OpKind.CALL, depth=9008), Op(OpKind.YIELD, depth=9008), wake, wait)
    assert calls(sleep) == 1 + again
    assert calls(sleep, *others, sleep) == 2 + 2 * again + len(others)


@pytest.mark.parametrize(("policy", "faults"), [("P1", 3), ("P7", 6), ("P7-accessed", 6)])
def test_a_scan_collects_from_who_sleeps_for_several_ticks(policy, faults, tmp_path):
    """Two dives, with a long sleep at one page between, while another thread has the ticks come."""
    dive = Op(OpKind.CALL, depth=15008)
    long_sleep = Op(OpKind.SLEEP, depth=1008, sleep_depth=1008, sleep_ticks=5000)
    busy = Op(OpKind.CALL, user_work=1_000_000, depth=480)
    end = Op(OpKind.EXIT)
    threads = (Thread(0, (dive, long_sleep, dive, end)), Thread(0, (busy, end)))
    workload = Workload(threads, ("call",), tick_interval=1000)
    run = run_on_qemu(firmware.build_kernel(policy), encode(workload), tmp_path, trace=True)
    assert run.code == 0, run.output
    found = sum(trap[:2] == STORE_PAGE_FAULT for trap in TRAP.findall(run.trace))
    assert found == faults
