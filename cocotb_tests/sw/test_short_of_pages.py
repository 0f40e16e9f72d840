"""What each policy does when pages run out: those that may refuse a thread wait, and the others
say so and end the run. A page that was lost or owned twice would show in the self-check."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cocotb_tests.sw.qemu import QemuRun, mixed_workload, run_on_qemu, uniform_workload
from cocotb_tests.sw.test_changed_kernels import changed_kernel, few_pages
from sim.workload.format import encode
from sim.workload.threads import Op, OpKind

PANIC = 1
THREADS = 8
ENOUGH = {1: 40, 4: 80}
"""Pages of the pool, by harts, with which all threads can sleep deep at the same time."""

SCARCE = {1: 24, 4: 54}
"""Pages with which all can be created, and some of them sleep deep."""

REFUSING = ("P2", "P2-atomic", "P5", "P5-keep", "P10")
"""Those that take pages in batches, and wait, or let the thread wait, for more."""

USED_UP = "stack fault: the array of hart 0 is used up, thread"

SLEEP_DEEP = Op(OpKind.SLEEP, depth=9008, sleep_depth=9008, sleep_ticks=1000)


def run_with(policy: str, pages: int, directory: Path, harts: int = 1) -> QemuRun:
    """Threads that sleep in three pages each, on a machine with so many pages in its pool."""
    image = changed_kernel(policy, *few_pages(pages), directory)
    workload = replace(uniform_workload(*(SLEEP_DEEP,) * 3, threads=THREADS), harts=harts)
    return run_on_qemu(image, encode(workload), directory, harts=harts)


@pytest.mark.parametrize("harts", [1, 4])
@pytest.mark.parametrize("policy", [*REFUSING, "P8-shrinker"])
def test_threads_that_are_refused_run_when_others_give_pages_back(policy, harts, tmp_path):
    run = run_with(policy, SCARCE[harts], tmp_path, harts)
    assert (run.code, run.output.split(",")[1]) == (0, f" calls {3 * THREADS}"), run.output


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ("P1", USED_UP),
        ("P1-pool", USED_UP),
        ("P1-reserve", USED_UP),
        ("P3", "no page left for the kernel stack of thread"),
        ("P3-margin", "no page left for the kernel stack of thread"),
        ("P4", "no page left for the kernel stack of thread"),
        ("P1-trapstack", USED_UP),
        ("P7", USED_UP),
        ("P7-accessed", USED_UP),
        ("P11-pending", USED_UP),
        ("P12", USED_UP),
    ],
)
def test_policies_that_cannot_refuse_end_the_run(policy, message, tmp_path):
    set_aside = 4 if policy == "P1-pool" else 0  # of its eight
    assert run_with(policy, ENOUGH[1] + set_aside, tmp_path / "enough").code == 0
    run = run_with(policy, SCARCE[1] + set_aside, tmp_path / "scarce")
    assert run.code == PANIC
    assert message in run.output


def test_who_sleeps_without_a_stack_needs_no_pages(tmp_path):
    """Where others wait for pages, or end the run: after the boot the pool is left alone."""
    run = run_with("P9", SCARCE[1], tmp_path)
    assert (run.code, run.output.split(",")[1]) == (0, f" calls {3 * THREADS}"), run.output


@pytest.mark.parametrize("policy", REFUSING)
def test_a_machine_on_which_nobody_can_run_says_so(policy, tmp_path):
    """One page less than the first thread needs: it is the only thread, so none comes back."""
    image = changed_kernel(
        policy,
        "kernel/page_cache.h",
        "#define PAGE_CACHE_BATCH 6",
        "#define PAGE_CACHE_BATCH 2",
        tmp_path,
    )
    deeper = Op(OpKind.SLEEP, depth=15008, sleep_depth=15008, sleep_ticks=1000)
    run = run_on_qemu(image, encode(uniform_workload(deeper)), tmp_path)
    assert run.code == PANIC
    assert "no page left for the kernel stack of thread 0" in run.output


def test_the_shared_pool_of_p1_serves_a_hart_whose_array_is_empty(tmp_path):
    """Without refill of the array, as if that failed each time. P1 does not survive it."""
    refill = "page_reserve_refill(hart, DYNAMIC_PAGES);"
    image = changed_kernel("P1-pool", "policies/p1_pool.c", refill, "(void)hart;", tmp_path)
    workload = mixed_workload(seed=9)
    run = run_on_qemu(image, encode(workload), tmp_path)
    assert run.code == 0, run.output


@pytest.mark.parametrize("policy", ["P6-call", "P6-entry", "P6-irqoff"])
def test_p6_grows_from_the_page_pool_where_interrupts_are_on(policy, tmp_path):
    """Its array is never filled, and no interrupt comes."""
    refill = "page_reserve_refill(hart, DYNAMIC_PAGES);"
    image = changed_kernel(policy, "policies/p6.h", refill, "(void)hart;", tmp_path)
    blob = encode(uniform_workload(Op(OpKind.CALL, depth=15008), threads=THREADS))
    run = run_on_qemu(image, blob, tmp_path)
    assert run.code == 0, run.output


@pytest.mark.parametrize("reclaims", [True, False])
@pytest.mark.parametrize(("policy", "depth"), [("P5-keep", 9008), ("P8-shrinker", 5008)])
def test_reclaim_takes_from_who_does_not_run(policy, depth, reclaims, tmp_path):
    """Each thread dives and then sleeps for 100 ms at one page; the pool has pages for some."""
    begin = "PROBED u64 policy_reclaim(u64 pages) {\n"
    image = changed_kernel(
        policy, f"policies/{policy.lower().replace('-', '_')}.c", begin,
        begin if reclaims else f"{begin}    pages = 0;\n", tmp_path, pool=SCARCE[1],
    )  # fmt: skip
    dive = Op(OpKind.CALL, depth=depth)
    long_sleep = Op(OpKind.SLEEP, depth=1008, sleep_depth=1008, sleep_ticks=1_000_000)
    blob = encode(uniform_workload(dive, long_sleep, threads=THREADS))
    run = run_on_qemu(image, blob, tmp_path)
    assert run.code == (0 if reclaims else PANIC), run.output
    assert ("no page left" in run.output) != reclaims


def test_p5_keep_takes_from_a_call_that_waits_for_more(tmp_path):
    """All hold two pages of a call before, and want three: who waits must not keep what it has."""
    image = changed_kernel("P5-keep", *few_pages(SCARCE[1]), tmp_path)
    calls = [Op(OpKind.SLEEP, depth=depth, sleep_depth=depth, sleep_ticks=10)
             for depth in (5008, 13008)]  # fmt: skip
    blob = encode(uniform_workload(*calls, *calls, threads=THREADS))
    run = run_on_qemu(image, blob, tmp_path)
    assert run.code == 0, run.output


def test_p5_keep_leaves_a_sleeper_what_its_call_asked_for(tmp_path):
    """Each call goes deeper after its sleep; without its pages a trap would find no room."""
    image = changed_kernel("P5-keep", *few_pages(SCARCE[1]), tmp_path)
    sleep = Op(OpKind.SLEEP, depth=9008, sleep_depth=1008, sleep_ticks=20_000, depth_after=9008)
    blob = encode(uniform_workload(sleep, sleep, sleep, threads=THREADS))
    run = run_on_qemu(image, blob, tmp_path)
    assert run.code == 0, run.output
