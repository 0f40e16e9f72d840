"""Images are the same bytes wherever they are built, and what cannot be built is refused."""

from __future__ import annotations

import shutil

import pytest
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from sim import firmware
from sim.errors import UserError

NEVER_UNMAP = (
    "P0", "P1", "P1-pool", "P1-reserve", "P1-trapstack", "P6-call", "P6-entry", "P6-irqoff",
    "P9", "P11-pending",
)  # fmt: skip
NEVER_MAP = ("P0", "P9")
RECLAIM = ("P5-keep", "P8-shrinker")
SCAN = ("P7", "P7-accessed")
STACKS_ARE_COMPLETE = (
    "P0", "P3", "P3-margin", "P4", "P4-ipi", "P4-local", "P4-migfence", "P4-shared", "P5",
    "P5-keep", "P9", "P10", "P11-epoch",
)  # fmt: skip
"""Where it is used, that is: no trap has to look whether the stack is there."""

HAVE_CACHES = ("P4", "P4-ipi", "P4-local", "P4-migfence", "P4-shared", "P11-epoch")


def _symbols(image) -> dict[str, tuple[int, int]]:
    with image.open("rb") as file:
        table = ELFFile(file).get_section_by_name(".symtab")
        assert isinstance(table, SymbolTableSection)
        return {s.name: (s["st_value"], s["st_size"]) for s in table.iter_symbols()}


def test_image_does_not_depend_on_directories(tmp_path, monkeypatch):
    tree = tmp_path / "another place" / "sources"
    shutil.copytree(firmware.SOURCES, tree)
    here = firmware.build_kernel("P4").read_bytes()
    monkeypatch.setenv("DYNSTACK_BUILD_DIR", str(tmp_path / "builds"))
    assert firmware.build_kernel("P4", sources=tree).read_bytes() == here


def test_kernels_share_objects_that_follow_what_they_include(tmp_path, monkeypatch):
    monkeypatch.setenv("DYNSTACK_BUILD_DIR", str(tmp_path / "builds"))

    def objects() -> int:
        return sum(1 for _ in (tmp_path / "builds").glob("object-*"))

    here = firmware.build_kernel("P4").read_bytes()
    all_of_them = objects()
    firmware.build_kernel("P0")
    assert all_of_them > 30
    assert objects() - all_of_them <= 3, "its policy, and what names that"

    tree = tmp_path / "sw"
    shutil.copytree(firmware.SOURCES, tree)
    header = tree / "policies" / "p4.h"
    header.write_text(header.read_text().replace("page[i], PAGE_KERNEL", "page[0], PAGE_KERNEL"))
    assert firmware.build_kernel("P4", sources=tree).read_bytes() != here


@pytest.mark.parametrize("policy", firmware.policies())
def test_image_has_the_symbols_that_measuring_needs(policy):
    symbols = _symbols(firmware.build_kernel(policy))
    for label in ("handle_exception", "trap_entry_done", "ret_from_exception", "trap_exit_sret"):
        assert symbols[label][0] >= 0x8020_0000
    for function in ("context_switch", "finish_task_switch", "workload_begin", "workload_end"):
        assert symbols[function][1] > 0
    assert "syscall_done" in symbols
    assert symbols["kstack_pt"][1] == 8 * 4096
    words = []
    if policy in HAVE_CACHES:
        words += ["page_inbox_count"]
        words += [f"page_cache_{what}" for what in ("returned", "refills", "drains")]
    for word in words:
        assert symbols[word][1] == 8 * 64  # a cache line for each hart
    for function in ("wake", "migrate", "ipi_send", "ipi_receive", "remote_fence"):
        assert symbols[function][1] > 0
    assert symbols["damaged_frames"][1] == 8
    assert symbols["nr_threads"][1] == 8
    assert ("stack_fault_sret" in symbols) == (policy not in STACKS_ARE_COMPLETE)
    no_unmap = (*NEVER_UNMAP, *SCAN, "P8-shrinker")
    assert ("policy_unmap" in symbols) == (policy not in no_unmap)
    assert ("policy_reclaim" in symbols) == (policy in RECLAIM)
    assert ("policy_periodic_scan" in symbols) == (policy in SCAN)
    assert ("policy_map" in symbols) == (policy not in NEVER_MAP)
    assert ("local_flush_tlb_kernel_range" in symbols) == (policy not in NEVER_MAP)


def test_images_without_waits_have_no_code_for_them():
    for waits in (False, True):
        assert ("wait_at_bottom" in _symbols(firmware.build_kernel("P0", waits=waits))) == waits


def test_new_policy_is_one_file(tmp_path):
    """A file in sw/policies/ makes a policy; its first line may add compile flags."""
    tree = tmp_path / "sw"
    shutil.copytree(firmware.SOURCES, tree)
    static = (tree / "policies" / "p0.c").read_text()
    (tree / "policies" / "p0_same.c").write_text(f"// compile-flags: -DADDED=1\n{static}")
    assert "P0-same" in firmware.policies(tree)
    assert firmware.build_kernel("P0-same", sources=tree).is_file()


def test_unknown_policy_is_refused():
    with pytest.raises(UserError, match="no policy 'P99': use one of P0, P1, "):
        firmware.build_kernel("P99")
