"""Job results that no machine made, with figures that a test can add up by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from rtl.trace.cycle import StallCause
from sim.job import EVENTS, SAMPLE, HartTotals, JobResult, WatchTotals
from sim.probes import Symbol

SYMBOLS = {
    "handle_exception": Symbol(0x1000, 0),
    "trap_entry_done": Symbol(0x1080, 0),
    "ret_from_exception": Symbol(0x1100, 0),
    "trap_exit_sret": Symbol(0x1180, 0),
    "stack_fault_sret": Symbol(0x1200, 0),
    "policy_map": Symbol(0x2000, 64),
    "policy_unmap": Symbol(0x2100, 64),
    "local_flush_tlb_kernel_range": Symbol(0x2200, 64),
    "context_switch": Symbol(0x3000, 64),
    "finish_task_switch": Symbol(0x3100, 64),
    "remote_fence": Symbol(0x3200, 64),
    "policy_reclaim": Symbol(0x3500, 64),
    "migrate": Symbol(0x3300, 64),
    "ipi_send": Symbol(0x3400, 64),
    "syscall_done": Symbol(0x4000, 4),
    "workload_begin": Symbol(0x4100, 4),
    "workload_end": Symbol(0x4200, 4),
    "kstack_pt": Symbol(0x8000, 4096),
    "page_cache_count": Symbol(0x9000, 8),
    "page_reserve_count": Symbol(0x9008, 8),
    "nr_threads": Symbol(0x9010, 8),
    "page_inbox_count": Symbol(0x9018, 8),
    "damaged_frames": Symbol(0x9020, 8),
}


def samples(phase: int, cycles: Sequence[int], **fields: int) -> np.ndarray:
    """Consistent samples of one phase; all cycles but the last retire, the last misses the D$."""
    array = np.zeros(len(cycles), SAMPLE)
    array["phase"] = phase
    array["cycles"] = cycles
    array["begin"] = 1000 * np.arange(len(cycles), dtype=np.uint64)
    array["stalls"][:, StallCause.RETIRING.value] = np.array(cycles) - 1
    array["stalls"][:, StallCause.DCACHE_MISS.value] = 1
    for name, value in fields.items():
        array[name] = value
    array["end"] = array["begin"] + array["cycles"] + array["nested_cycles"]
    return array


def job_result(
    records: Sequence[np.ndarray],
    *,
    stalls: Mapping[str, Mapping[str, int]],
    watches: Mapping[str, int],
    syscalls: int = 10,
) -> JobResult:
    """One hart's result; `watches` are integrals over the cycles that `stalls` add up to."""
    cycles = sum(sum(causes.values()) for causes in stalls.values())
    counts = {
        "u": {"itlb_miss": 1},
        "s": {"dtlb_miss": 2, "walk": 3, "dcache_miss": 5, "fence": 7, "mispredict": 9},
        "m": {"dtlb_miss": 4},
    }
    events = {mode: dict.fromkeys(EVENTS, 0) | counted for mode, counted in counts.items()}
    hart = HartTotals(cycles, cycles // 2, cycles, {p: dict(c) for p, c in stalls.items()}, events)
    return JobResult(
        status="pass",
        code=0,
        harts=(hart,),
        samples=np.concatenate([np.zeros(0, SAMPLE), *records]),
        counters={"syscalls": syscalls},
        watches={
            name: WatchTotals(integral, 0, max(1, integral // cycles), 0)
            for name, integral in watches.items()
        },
        window=(0, cycles),
        cycles_per_second=1e6,
        console="",
    )
