"""The kernel's self-check can fail: each bug planted here ends the run with a message about it."""

from __future__ import annotations

import shutil

import pytest

from cocotb_tests.sw.qemu import mixed_workload, run_on_qemu
from sim import firmware
from sim.workload.format import encode

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
        "P4", "policies/p4.c", "pte_make(page[i], PAGE_KERNEL)", "pte_make(page[0], PAGE_KERNEL)",
        "self-check: stack word",
    ),
    "the array of the hart is not filled again": (
        "P1", "policies/p1.c", "    page_reserve_refill(prev->hart->id, DYNAMIC_PAGES);", "",
        "is used up",
    ),
    "a page fault maps a page that was mapped before": (
        "P0", "kernel/fault.c", "*pte = 0;", "", "self-check",
    ),
}  # fmt: skip


@pytest.mark.parametrize("bug", BUGS)
def test_planted_bug_is_reported(bug, tmp_path):
    policy, name, text, instead, message = BUGS[bug]
    tree = tmp_path / "sw"
    shutil.copytree(firmware.SOURCES, tree)
    source = (tree / name).read_text()
    assert source.count(text) == 1, f"{name} has changed: plant the bug anew"
    (tree / name).write_text(source.replace(text, instead))

    image = firmware.build_kernel(policy, sources=tree)
    run = run_on_qemu(image, encode(mixed_workload(seed=9)), tmp_path)
    assert run.code == PANIC
    assert message in run.output
