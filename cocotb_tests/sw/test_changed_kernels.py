"""Kernels with a change planted in them: bugs end the run with a message about them, and paths
that only an exhausted page pool leads to are taken."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cocotb_tests.sw.qemu import (
    mixed_workload,
    run_on_qemu,
    uniform_workload,
)
from sim import firmware
from sim.workload.format import encode
from sim.workload.sharing import sharing
from sim.workload.threads import Op, OpKind

PANIC = 1

# what: (policy, file, text, text instead, message)
BUGS = {
    "a page of a dead thread is lost": (
        "P0", "kernel/kstack.c", "page_free(pa);", "(void)pa;", "are lost",
    ),
    "a page is handed out twice": (
        "P0", "kernel/pages.c", "free_list = pages[index].next;", "",
        "unexpected trap 3 from user mode",
    ),
    "a register is not restored": (
        "P0", "kernel/entry.S", "ld s5, PT_S5(sp)", "nop", "unexpected trap 3 from user mode",
    ),
    "a stack page is mapped in three places": (
        "P4", "policies/p4.h", "pte_make(page[i], PAGE_KERNEL)", "pte_make(page[0], PAGE_KERNEL)",
        "self-check: stack word",
    ),
    "the array of the hart is not filled again": (
        "P1", "policies/p1.h", "        refill(prev->hart->id);", "",
        "is used up",
    ),
    "a call that has to wait is not executed again": (
        "P9", "policies/p9.c", "regs->epc -= ECALL_BYTES;", "", "unexpected trap 3 from user mode",
    ),
    "a thread goes on with the registers of the one before": (
        "P9", "policies/p9.c", "copy_frame(thread_regs(t), kept_frame(t));", "",
        "page fault at 0x0, outside of its heap",
    ),
    "three pages are mapped that are one": (
        "P2", "policies/p2.h", "pte_make(*page++, PAGE_NOT_ACCESSED)",
        "pte_make(*page, PAGE_NOT_ACCESSED)", "self-check: stack word",
    ),
    "a page that was not accessed is lost": (
        "P2-atomic", "policies/p2.h", "            page_cache_put(hart, pa);\n",
        "            (void)hart;\n", "are lost",
    ),
    "a switch takes a page in use, by the stack pointer": (
        "P3", "policies/p3.h", "u64 count = (sp - t->stack) / PAGE_SIZE;",
        "u64 count = (sp - t->stack) / PAGE_SIZE + 1;", "kernel page fault",
    ),
    "a switch takes a page in use, which faults again": (
        "P12", "policies/p12.c", "u64 end = prev->context.sp & ~(PAGE_SIZE - 1);",
        "u64 end = (prev->context.sp & ~(PAGE_SIZE - 1)) + PAGE_SIZE;", "kernel page fault",
    ),
    "a call asks for stack and gets one page three times": (
        "P5", "policies/p5.h", "pte_make(*page++, PAGE_KERNEL)", "pte_make(*page, PAGE_KERNEL)",
        "self-check: stack word",
    ),
    "a scan takes a page in use": (
        "P7", "policies/p7.c", "u64 end = t->context.sp & ~(PAGE_SIZE - 1);",
        "u64 end = (t->context.sp & ~(PAGE_SIZE - 1)) + PAGE_SIZE;", "kernel page fault",
    ),
    "a scan by A bits takes a page in use": (
        "P7-accessed", "policies/p7_accessed.c", "u64 end = t->context.sp & ~(PAGE_SIZE - 1);",
        "u64 end = (t->context.sp & ~(PAGE_SIZE - 1)) + PAGE_SIZE;", "kernel page fault",
    ),
    "a page that was accessed goes back": (
        "P8", "policies/p8.c", "if (old & PTE_A) {", "if (!old) {", "kernel page fault",
    ),
    "the large array of the hart is not filled again": (
        "P1-reserve", "policies/p1_reserve.c", "page_reserve_refill(hart, PAGE_RESERVE_MAX);",
        "(void)hart;", "is used up",
    ),
    "a trap leaves its frame on the stack of the hart": (
        "P1-trapstack", "policies/p1_trapstack.c", "    copy_frame(frame, regs);\n", "",
        "unexpected interrupt",
    ),
    "a page fault maps a page that was mapped before": (
        "P0", "kernel/fault.c", "*pte = 0;", "", "self-check",
    ),
    "a page is mapped in the window of another thread too": (
        "P0", "kernel/fault.c", "*pte = 0;", "pte[-USER_HEAP_SLOTS] = *pte; *pte = 0;",
        "two owners",
    ),
    "a table that nobody asked for": (
        "P0", "kernel/vm.c", "    walk(process->root, user_heap(thread), 0, true);",
        "    walk(process->root, user_heap(thread), 0, true);\n"
        "    walk(process->root, user_heap(thread) + MEGAPAGE_SIZE * 64, 0, true);", "are lost",
    ),
}  # fmt: skip


POOL_END = "#define POOL_END UL(0x86000000)"


def few_pages(pages: int) -> tuple[str, str, str]:
    """File, text and replacement that leave a kernel so many pages in its pool."""
    return "kernel/memory_layout.h", POOL_END, f"#define POOL_END (POOL_BASE + {pages} * PAGE_SIZE)"


def changed_kernel(
    policy: str,
    name: str,
    text: str,
    instead: str,
    tmp_path: Path,
    *,
    pool: int | None = None,
    waits: bool = False,
) -> Path:
    """Image of a kernel in which one text of one file is replaced, and whose page pool has so
    many pages."""
    tree = tmp_path / "sw"
    shutil.copytree(firmware.SOURCES, tree)
    source = (tree / name).read_text()
    assert source.count(text) == 1, f"{name} has changed: plant the change anew"
    (tree / name).write_text(source.replace(text, instead))
    if pool is not None:
        layout, end, few = few_pages(pool)
        (tree / layout).write_text((tree / layout).read_text().replace(end, few))
    return firmware.build_kernel(policy, sources=tree, waits=waits)


SEEDS = (9, 2, 3)
"""One after the other: where pages come back as they went, a schedule does not show a bug."""


@pytest.mark.parametrize("bug", BUGS)
def test_planted_bug_is_reported(bug, tmp_path):
    policy, name, text, instead, message = BUGS[bug]
    image = changed_kernel(policy, name, text, instead, tmp_path)
    runs = (run_on_qemu(image, encode(mixed_workload(seed)), tmp_path) for seed in SEEDS)
    panics = (run.output for run in runs if run.code == PANIC)
    assert message in next(panics, "all workloads completed")


@pytest.mark.parametrize("policy", firmware.policies())
def test_exhausted_page_pool_is_reported(policy, tmp_path):
    image = changed_kernel(policy, *few_pages(48), tmp_path)
    run = run_on_qemu(image, encode(mixed_workload(seed=9, threads=40)), tmp_path)
    assert run.code == PANIC
    assert "no page left" in run.output


@pytest.mark.parametrize(("threads", "code"), [(1, 0), (2, PANIC)])
def test_p4_reserve_serves_one_entry_at_a_time(threads, code, tmp_path):
    """Without refill a lone thread lives on the reserve; a second one that enters the kernel while
    the first sleeps there finds it empty."""
    refill = "    page_reserve_refill(hart, DYNAMIC_PAGES);\n    page_cache_refill(hart);\n"
    image = changed_kernel("P4", "policies/p4.h", refill, "", tmp_path)
    sleep = Op(OpKind.SLEEP, depth=9008, sleep_depth=1008, sleep_ticks=100)
    blob = encode(uniform_workload(sleep, sleep, threads=threads))
    run = run_on_qemu(image, blob, tmp_path)
    assert run.code == code
    assert ("no page left for the kernel stack of thread 1" in run.output) == (threads == 2)


@pytest.mark.parametrize(("calls", "code"), [(20, 0), (80, PANIC)])
def test_p4_gives_pages_back_to_the_hart_they_came_from(calls, code, tmp_path):
    """As if every thread had entered the kernel on the next hart: no page is lost, but none comes
    back here, and in the end the next hart has them all."""
    mapped_here = "t->policy[ORIGIN] = hart;"
    mapped_elsewhere = "t->policy[ORIGIN] = hart + 1;"
    image = changed_kernel("P4", "policies/p4.h", mapped_here, mapped_elsewhere, tmp_path)
    ops = (Op(OpKind.CALL, depth=5008),) * calls
    run = run_on_qemu(image, encode(uniform_workload(*ops, threads=100)), tmp_path)
    assert run.code == code
    assert ("no page left for the kernel stack" in run.output) == (code == PANIC)


def test_p9_sees_a_wake_up_that_comes_on_its_way_out(tmp_path):
    """Where it has to wait its time slice ends, so that its waker runs before it has left. The only
    wake-up there is, if it were lost, would be waited for until the time limit."""
    entry = "t->wait_entry = &t->entry_outside;"
    slice_ends = f"{entry} t->need_resched = 1;"
    image = changed_kernel("P9", "kernel/wait.c", entry, slice_ends, tmp_path, waits=True)
    run = run_on_qemu(image, encode(sharing(20, threads=20, rounds=1)), tmp_path)
    assert run.code == 0, run.output
