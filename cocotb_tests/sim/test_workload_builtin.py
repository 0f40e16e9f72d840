"""The built-in workloads: the same bytes everywhere, and the rates that were measured."""

import hashlib
import os
import subprocess
import sys

import pytest

from sim.workload.applications import application
from sim.workload.builtin import BUILTIN, DIRECTED, OFTEN, RARELY, load
from sim.workload.depths import DATA, read_rows
from sim.workload.format import decode, encode
from sim.workload.threads import SYSTEM_CALLS, OpKind, ThreadKind

GOLDEN = {
    "sqlite-insert-select": "98e7543e8e31b9f3",
    "find-grep": "1497bb2c76113a51",
    "deep-calls": "b5e59f233f26f813",
}
"""A change here changes every figure that was ever printed for the workload."""

MEASURED = {"sqlite-insert-select": OFTEN, "find-grep": RARELY}


@pytest.mark.parametrize("name", BUILTIN)
def test_bytes_are_golden(name):
    assert hashlib.sha256(encode(load(name))).hexdigest()[:16] == GOLDEN[name]


@pytest.mark.parametrize("name", BUILTIN)
def test_sleeps_are_as_much_shorter_as_there_are_harts(name):
    """Else several harts would wait for the same time, and hardly work."""
    one, four = load(name), load(name, harts=4)
    assert four.harts == 4

    def ticks(workload):
        return sum(op.sleep_ticks for thread in workload.threads for op in thread.ops)

    assert ticks(four) == pytest.approx(ticks(one) / 4, rel=0.02)
    for mine, theirs in zip(one.threads, four.threads, strict=True):
        assert [op.depth for op in mine.ops] == [op.depth for op in theirs.ops]


def test_bytes_do_not_depend_on_the_hash_seed():
    code = (
        "import hashlib; from sim.workload.builtin import load; "
        "from sim.workload.format import encode; "
        "print(hashlib.sha256(encode(load('deep-calls'))).hexdigest()[:16])"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": "1"},
        capture_output=True,
        check=True,
    ).stdout
    assert printed.decode().strip() == GOLDEN["deep-calls"]


def test_another_seed_gives_another_order_of_the_same_calls():
    one, two = load("find-grep", 1), load("find-grep", 2)
    assert encode(one) != encode(two)
    assert (one.seed, two.seed) == (1, 2)
    for kind in OpKind:
        assert one.count(kind) == two.count(kind)


@pytest.mark.parametrize("name", BUILTIN)
def test_one_wake_up_in_four_chooses_a_hart_anew(name):
    sleeps = [
        op
        for thread in load(name).threads
        if thread.kind is ThreadKind.USER
        for op in thread.ops
        if op.kind is OpKind.SLEEP
    ]
    assert 0.1 < sum(op.harts > 0 for op in sleeps) / len(sleeps) < 0.4
    assert {op.harts for thread in load(name).threads for op in thread.ops} != {0}


@pytest.mark.parametrize("name", DIRECTED)
def test_directed_workloads_are_data_like_others(name):
    workload = load(name)
    assert workload.harts > 1
    assert decode(encode(workload)) == workload


@pytest.mark.parametrize("name", BUILTIN)
def test_there_is_enough_to_measure(name):
    workload = load(name)
    assert workload.count(*SYSTEM_CALLS) >= 2000
    assert 8 <= len(workload.threads) <= 16
    assert any(thread.kind is ThreadKind.KERNEL for thread in workload.threads)


@pytest.mark.parametrize("name", MEASURED)
def test_rates_are_those_of_the_application(name):
    workload, mix, plan = load(name), application(name), MEASURED[name]
    idle = len(plan.sleepers) + len(plan.kernel_threads)
    for count, measured in (
        (workload.count(OpKind.SLEEP) - idle, mix.voluntary_switches),
        (workload.count(OpKind.FAULT), mix.page_faults),
        (workload.count(OpKind.YIELD), mix.involuntary_switches),
    ):
        assert abs(count - measured * plan.calls / mix.system_calls) <= 0.5


@pytest.mark.parametrize("name", MEASURED)
def test_shares_are_those_of_the_application(name):
    workload, mix, plan = load(name), application(name), MEASURED[name]
    made = [0] * len(workload.calls)
    for thread in workload.threads[len(plan.sleepers) + len(plan.kernel_threads) :]:
        for op in thread.ops:
            if op.kind in (OpKind.CALL, OpKind.SLEEP):
                made[op.call] += 1
    for index, (model, count) in enumerate(mix.calls):
        assert workload.calls[index] == model.name
        assert abs(made[index] - count * plan.calls / mix.system_calls) <= 1


@pytest.mark.parametrize("name", MEASURED)
def test_depths_are_measured_ones(name):
    measured = set()
    for row in read_rows(DATA / "linux-6.1-riscv64-kernel-stack-depth.csv"):
        measured |= {int(row["min_bytes"]), int(row["max_bytes"])}
    for row in read_rows(DATA / "linux-6.1-riscv64-sleep-depth.csv"):
        measured |= {int(row["min_bytes"]), int(row["max_bytes"])}
    ops = [op for thread in load(name).threads for op in thread.ops if op.kind is not OpKind.EXIT]
    assert {op.depth for op in ops} <= measured
    asleep = [op.sleep_depth for op in ops if op.kind is OpKind.SLEEP]
    assert min(asleep) >= 608
    assert max(asleep) <= 1984


def test_a_twentieth_of_the_calls_of_the_synthetic_workload_is_deep():
    ops = [op for thread in load("deep-calls").threads for op in thread.ops]
    calls = [op.depth for op in ops if op.kind is OpKind.CALL]
    deep = [depth for depth in calls if depth > 4752]
    assert abs(len(deep) - len(calls) / 20) <= 0.5
    assert min(deep) >= 5 << 10
    assert max(deep) <= 15 << 10
    assert max(op.depth for op in ops if op.kind is OpKind.SLEEP) <= 4752


@pytest.mark.parametrize("name", BUILTIN)
def test_threads_share_four_address_spaces(name):
    assert load(name).processes == 4


def test_workers_share_the_calls_evenly():
    sizes = [len(thread.ops) for thread in load("sqlite-insert-select").threads[6:]]
    assert max(sizes) - min(sizes) <= 1
