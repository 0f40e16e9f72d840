"""The blob: what goes in comes out, and nothing unusable gets through."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import UserError
from sim.workload.format import HEADER, OP, THREAD, decode, encode
from sim.workload.threads import (
    MAX_DEPTH,
    MAX_HARTS,
    REGISTER_FRAME,
    Op,
    OpKind,
    RemoteFence,
    Thread,
    ThreadKind,
    Workload,
)

u32 = st.integers(0, (1 << 32) - 1)
depths = st.integers(REGISTER_FRAME // 16, MAX_DEPTH // 16).map(lambda n: 16 * n)


@st.composite
def ops(draw, kinds):
    depth = draw(depths)
    return Op(
        draw(st.sampled_from(kinds)),
        draw(st.integers(0, 2)),
        draw(u32),
        depth,
        draw(st.integers(REGISTER_FRAME // 16, depth // 16)) * 16,
        draw(u32),
        16 * draw(st.integers(1, 256)),
        draw(u32),
        draw(depths),
    )


@st.composite
def workloads(draw):
    threads = []
    harts = draw(st.integers(1, MAX_HARTS))
    for process in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(ThreadKind))
        kinds = [OpKind.CALL, OpKind.SLEEP, OpKind.YIELD]
        if kind is ThreadKind.USER:
            kinds.append(OpKind.FAULT)
        body = draw(st.lists(ops(kinds), max_size=5))
        home = draw(st.none() | st.integers(0, harts - 1))
        threads.append(Thread(process, (*body, Op(OpKind.EXIT)), kind, draw(u32), home))
    return Workload(
        tuple(threads),
        ("read", "write", "caché"),
        draw(st.integers(0, (1 << 64) - 1)),
        draw(u32),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.booleans()),
        harts,
        draw(st.sampled_from(RemoteFence)),
    )


@given(workloads())
def test_round_trip(workload):
    assert decode(encode(workload)) == workload


def small(**changes) -> Workload:
    op = Op(OpKind.SLEEP, 0, 7, 2048, 1024, 300, 112, 3, 512)
    fields = {
        "threads": (Thread(0, (op, Op(OpKind.EXIT)), start_delay=9, home=2),),
        "harts": 8,
        "calls": ("read",),
        "seed": 5,
        "tick_interval": 10_000,
        **changes,
    }
    return Workload(**fields)


def who_waits(**changes) -> Workload:
    """Thread 1 wakes thread 0, which waits once."""
    wait = Op(OpKind.WAIT, depth=9008, sleep_depth=5008, harts=3)
    wake = Op(**{"kind": OpKind.WAKE, "depth": 1024, "thread": 0, **changes})
    end = Op(OpKind.EXIT)
    return Workload((Thread(0, (wait, end)), Thread(0, (wake, end))), ("wait",))


def test_ops_of_threads_that_wait_for_each_other():
    workload = who_waits()
    assert workload.waits
    assert not small().waits
    assert decode(encode(workload)) == workload
    # The kernel finds the thread where other ops have their harts.
    wakes = Thread(0, (Op(OpKind.WAKE, depth=512, thread=1), Op(OpKind.EXIT)))
    blob = encode(Workload((wakes, Thread(0, (Op(OpKind.EXIT),))), ("wake",)))
    assert struct.unpack_from("<2H7I", blob, 144) == (8, 0, 0, 512, 0, 0, 112, 1, 0)


def test_layout_is_the_one_that_the_kernel_reads():
    blob = encode(small(zero_pages=True, counts_damage=True, harts=4, remote_fence=RemoteFence.IPI))
    assert (HEADER.size, THREAD.size, OP.size) == (80, 32, 32)
    assert struct.unpack_from("<Q4IQ2I3Q2IQ", blob) == (
        0x31304C574B545344, 2, 1, 1, 5, 5, 10_000, 2, 80, 112, len(blob), 4, 1, 0,
    )  # fmt: skip
    assert struct.unpack_from("<8I", blob, 80) == (0, 0, 0, 2, 9, 3, 0, 0)
    assert struct.unpack_from("<2H7I", blob, 112) == (2, 0, 7, 2048, 1024, 300, 112, 3, 512)
    assert struct.unpack_from("<H", blob, 144) == (OpKind.EXIT,)
    assert len(blob) % 8 == 0


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda blob: b"ELF", "is not a workload"),
        (lambda blob: b"X" + blob[1:], "is not a workload"),
        (lambda blob: blob[:-8], "truncated or damaged"),
        (lambda blob: blob[:8] + b"\3" + blob[9:], "format version 3"),
        (lambda blob: blob[:20] + b"\x08" + blob[21:], "unknown flags 0x8"),
        (lambda blob: blob[:68] + b"\x03" + blob[69:], "remote fences of unknown form 3"),
        (lambda blob: blob[:64] + b"\x09" + blob[65:], "for 9 harts: use 1 to 8"),
        (lambda blob: blob[:112] + b"\x09" + blob[113:], "9 is not a valid OpKind"),
        (lambda blob: blob[:88] + b"\x01" + blob[89:], "ops that are not there"),
        (lambda blob: blob[:80] + b"\x01" + blob[81:], "processes from 0 without gaps"),
    ],
)
def test_damaged_blob_is_refused_with_a_sentence(change, sentence):
    with pytest.raises(UserError, match=sentence) as refusal:
        decode(change(encode(small())), "a.bin")
    assert "a.bin" in str(refusal.value)


def one_op(**fields) -> Workload:
    op = Op(**{"kind": OpKind.CALL, "depth": 1024, **fields})
    return small(threads=(Thread(0, (op, Op(OpKind.EXIT))),))


@pytest.mark.parametrize(
    ("workload", "sentence"),
    [
        (small(threads=()), "has 0 threads"),
        (small(threads=(Thread(0, (Op(OpKind.CALL, depth=512),)),)), "end with its only exit"),
        (small(threads=(Thread(0, (Op(OpKind.EXIT),) * 2),)), "end with its only exit"),
        (small(threads=(Thread(1, (Op(OpKind.EXIT),)),)), "without gaps"),
        (
            small(threads=tuple(Thread(n, (Op(OpKind.EXIT),)) for n in range(65))),
            "65 processes: use 1 to 64",
        ),
        (small(seed=1 << 64), "seed"),
        (small(tick_interval=-1), "tick_interval"),
        (small(calls=("read", "")), "named ''"),
        (one_op(depth=272), "goes 272 bytes deep"),
        (one_op(depth=15376), "goes 15376 bytes deep"),
        (one_op(depth=1000), "not a multiple of 16"),
        (one_op(call=1), "names system call 1 of 1"),
        (one_op(frame_bytes=100), "frames of 100 bytes"),
        (one_op(user_work=1 << 32), "does not fit 32 bits"),
        (one_op(kind=OpKind.SLEEP, sleep_depth=1040), "sleeps with 1040 bytes"),
        (one_op(depth_after=272), "goes 272 bytes deep after its sleep"),
        (one_op(kind=OpKind.FENCE, harts=8), "fences on 8 other harts of 8"),
        (small(harts=9), "is for 9 harts: use 1 to 8"),
        (small(harts=2), "lives on hart 2, and there are 2"),
        (
            small(
                threads=(
                    Thread(0, (Op(OpKind.FAULT, depth=512), Op(OpKind.EXIT)), ThreadKind.KERNEL),
                )
            ),
            "cannot fault on user memory",
        ),
        (who_waits(depth=272), "goes 272 bytes deep"),
        (who_waits(thread=2), "wakes thread 2, and has 2"),
        (who_waits(thread=1), "thread 0 waits 1 times and is woken 0 times"),
        (one_op(kind=OpKind.WAIT, sleep_depth=1040), "sleeps with 1040 bytes"),
        (
            small(
                threads=(
                    Thread(0, (Op(OpKind.WAKE, depth=512), Op(OpKind.EXIT)), ThreadKind.KERNEL),
                )
            ),
            "neither waits for others nor wakes them",
        ),
    ],
)
def test_what_no_kernel_could_run_is_refused(workload, sentence):
    with pytest.raises(UserError, match=sentence):
        encode(workload)
