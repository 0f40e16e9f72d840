"""The blob: what goes in comes out, and nothing unusable gets through."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import UserError
from sim.workload.format import (
    HEADER,
    MAX_DEPTH,
    OP,
    REGISTER_FRAME,
    THREAD,
    Op,
    OpKind,
    Thread,
    ThreadKind,
    Workload,
    decode,
    encode,
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
    )


@st.composite
def workloads(draw):
    threads = []
    for process in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(ThreadKind))
        kinds = [OpKind.CALL, OpKind.SLEEP, OpKind.YIELD]
        if kind is ThreadKind.USER:
            kinds.append(OpKind.FAULT)
        body = draw(st.lists(ops(kinds), max_size=5))
        threads.append(Thread(process, (*body, Op(OpKind.EXIT)), kind, draw(u32)))
    return Workload(
        tuple(threads),
        ("read", "write", "caché"),
        draw(st.integers(0, (1 << 64) - 1)),
        draw(u32),
        draw(st.booleans()),
    )


@given(workloads())
def test_round_trip(workload):
    assert decode(encode(workload)) == workload


def small(**changes) -> Workload:
    op = Op(OpKind.SLEEP, 0, 7, 2048, 1024, 300, 112)
    fields = {
        "threads": (Thread(0, (op, Op(OpKind.EXIT)), start_delay=9),),
        "calls": ("read",),
        "seed": 5,
        "tick_interval": 10_000,
        **changes,
    }
    return Workload(**fields)


def test_layout_is_the_one_that_the_kernel_reads():
    blob = encode(small(zero_pages=True))
    assert (HEADER.size, THREAD.size, OP.size) == (64, 32, 32)
    assert struct.unpack_from("<Q4IQ2I3Q", blob) == (
        0x31304C574B545344, 1, 1, 1, 1, 5, 10_000, 2, 64, 96, len(blob),
    )  # fmt: skip
    assert struct.unpack_from("<8I", blob, 64) == (0, 0, 0, 2, 9, 0, 0, 0)
    assert struct.unpack_from("<2H5IQ", blob, 96) == (2, 0, 7, 2048, 1024, 300, 112, 0)
    assert struct.unpack_from("<H", blob, 128) == (OpKind.EXIT,)
    assert len(blob) % 8 == 0


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda blob: b"ELF", "is not a workload"),
        (lambda blob: b"X" + blob[1:], "is not a workload"),
        (lambda blob: blob[:-8], "truncated or damaged"),
        (lambda blob: blob[:8] + b"\2" + blob[9:], "format version 2"),
        (lambda blob: blob[:20] + b"\x02" + blob[21:], "unknown flags 0x2"),
        (lambda blob: blob[:96] + b"\x09" + blob[97:], "9 is not a valid OpKind"),
        (lambda blob: blob[:72] + b"\x01" + blob[73:], "ops that are not there"),
        (lambda blob: blob[:64] + b"\x01" + blob[65:], "processes from 0 without gaps"),
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
        (
            small(
                threads=(
                    Thread(0, (Op(OpKind.FAULT, depth=512), Op(OpKind.EXIT)), ThreadKind.KERNEL),
                )
            ),
            "cannot fault on user memory",
        ),
    ],
)
def test_what_no_kernel_could_run_is_refused(workload, sentence):
    with pytest.raises(UserError, match=sentence):
        encode(workload)
