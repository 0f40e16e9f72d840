"""Who may access a stack page before, while and after it is mapped (programs/stack_page.S)."""

from __future__ import annotations

import struct

import cocotb

from cocotb_tests.machine.harness import bench_job
from sim.cocotb_machine import Machine

OK, ECALL_FROM_U, FETCH, LOAD, STORE = 0, 8, 12, 13, 15
"""Nothing, the ecall behind a load in U-mode that succeeded, and the page faults."""

A, B, WRITTEN = 0xAAAA_AAAA, 0xBBBB_BBBB, 0xFFFF_FFC8_0000_3000

DRAINED_WITHIN_CYCLES = 400
"""The memory that a test reads has what is performed: the last outcome may be in a buffer."""

_PHASES = ("map", "invalidate", "invalidate_all", "fault")


def expected(caches_invalid: int) -> list[tuple[str, int, int]]:
    """(attempt, scause, value) in the order of the program."""
    after_remap = (LOAD, 0) if caches_invalid else (OK, B)
    return [
        ("load before the page is mapped", LOAD, 0),
        ("store before the page is mapped", STORE, 0),
        ("load in U-mode before the page is mapped", LOAD, 0),
        ("load", OK, A),
        ("store", OK, 0),
        ("load of what was stored", OK, WRITTEN),
        ("load in U-mode", LOAD, 0),
        ("fetch", FETCH, 0),
        # No fence yet: the spec allows both, this TLB keeps what it has.
        ("load after unmap, before the fence", OK, A),
        ("load after unmap and fence", LOAD, 0),
        ("store after unmap and fence", STORE, 0),
        ("load in U-mode after unmap and fence", LOAD, 0),
        # H23: where invalid PTEs are cached the fault repeats until a fence.
        ("load after another page is mapped", after_remap[0], after_remap[1]),
        ("load after that is fenced", OK, B),
        ("load after a remap and a fence of one address space", OK, B),
        ("load after a fence of everything", OK, A),
        ("load that faults", LOAD, 0),
    ]


@cocotb.test()
async def accesses_follow_the_page_table(dut):
    job = bench_job()
    machine = Machine(dut)
    await machine.boot(job)
    for name in _PHASES:
        await machine.run_until(f"{name}_begin")
        begin = machine.cycle
        await machine.run_until(f"{name}_end")
        cocotb.log.info("%s: %d cycles", name, machine.cycle - begin)
    await machine.run_until("finished")
    await machine.run_cycles(DRAINED_WITHIN_CYCLES)

    wanted = expected(job.straps.cache_invalid_ptes)
    raw = machine.read(machine.symbol("outcomes"), 16 * len(wanted))
    found = list(struct.iter_unpack("<QQ", raw))
    for (attempt, cause, value), outcome in zip(wanted, found, strict=True):
        assert outcome == (cause, value), f"{attempt}: scause and value are {outcome}"
