"""Probes: which symbols bound a phase, and what becomes of an image that lacks some."""

import pytest

from cocotb_tests.sim.synthetic import SYMBOLS
from sim.errors import UserError
from sim.job import PhaseEnd, PhaseProbe, Watch, WatchKind
from sim.probes import PHASE_NAMES, kernel_probes, phases


def without(*names):
    return {name: symbol for name, symbol in SYMBOLS.items() if name not in names}


def test_phases_of_a_kernel_with_every_symbol():
    found = {phase.name: phase for phase in phases(SYMBOLS)}
    assert tuple(found) == PHASE_NAMES
    assert found["trap_entry"] == PhaseProbe(
        "trap_entry", 0x1000, 0x1080, PhaseEnd.BEFORE, begin_at_trap=True, unless=0x1200
    )
    assert found["stack_fault"] == PhaseProbe(
        "stack_fault", 0x1000, 0x1200, PhaseEnd.AFTER, begin_at_trap=True, unless=0x1080
    )
    assert found["map"] == PhaseProbe("map", 0x2000, 0x2000, PhaseEnd.RETURN)
    assert found["unmap"] == PhaseProbe("unmap", 0x2100, 0x2100, PhaseEnd.RETURN)
    assert found["invalidate"] == PhaseProbe("invalidate", 0x2200, 0x2200, PhaseEnd.RETURN)
    assert found["trap_exit"] == PhaseProbe("trap_exit", 0x1100, 0x1180, PhaseEnd.AFTER)
    assert found["ipi"] == PhaseProbe("ipi", 0x3200, 0x3200, PhaseEnd.RETURN)
    assert found["reclaim"] == PhaseProbe("reclaim", 0x3500, 0x3500, PhaseEnd.RETURN)
    assert found["switch"] == PhaseProbe("switch", 0x3000, 0x3100, PhaseEnd.RETURN)


def test_a_phase_without_its_symbols_is_not_performed():
    found = phases(without("stack_fault_sret", "policy_map"))
    assert [phase.name for phase in found] == [
        "trap_entry", "invalidate", "unmap", "trap_exit", "switch", "ipi", "reclaim",
    ]  # fmt: skip
    assert found[0].unless is None


def test_counters_watches_and_window():
    probes = kernel_probes(SYMBOLS, "p4.elf")
    assert probes.counters == (("syscalls", 0x4000), ("migrations", 0x3300), ("ipis", 0x3400))
    assert probes.window == (0x4100, 0x4200)
    assert probes.watches == (
        Watch("stack", WatchKind.VALID_PTES, 0x8000, 4096),
        Watch("threads", WatchKind.SUM, 0x9010, 8),
        Watch("cache", WatchKind.SUM, 0x9000, 8),
        Watch("inbox", WatchKind.SUM, 0x9018, 8),
        Watch("reserve", WatchKind.SUM, 0x9008, 8),
        Watch("damaged_frames", WatchKind.SUM, 0x9020, 8),
    )


def test_a_kernel_without_page_caches_is_measured_without_them():
    names = [name for name in SYMBOLS if name.startswith("page_")]
    probes = kernel_probes(without(*names, "damaged_frames"), "p0.elf")
    assert [watch.name for watch in probes.watches] == ["stack", "threads"]


def test_an_image_that_cannot_be_measured_is_refused():
    with pytest.raises(UserError, match=r"p4.elf cannot be measured: .* syscall_done, kstack_pt"):
        kernel_probes(without("syscall_done", "kstack_pt"), "p4.elf")
