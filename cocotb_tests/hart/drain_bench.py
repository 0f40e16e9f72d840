"""cocotb: which instructions wait until the store before them is performed."""

import cocotb

from rtl.trace.cycle import StallCause

from .programs import Bench

WAITS = 2
"""Cycles from the one in which a store leaves MEM to the one in which it has been performed,
beyond the one that the next instruction takes to get there."""

FENCES = {
    "fence": "fence",
    "fence r, r": "fence r, r",
    "pause": ".word 0x0100000f",
    "fence.i": "fence.i",
    "sfence.vma": "sfence.vma",
    "sfence.vma of a page": "sfence.vma a0, a1",
    "sinval.vma": ".word 0x16000073",
    "sfence.w.inval": ".word 0x18000073",
    "sfence.inval.ir": ".word 0x18100073",
    "satp read": "csrr a0, satp",
    "satp written": "csrw satp, zero",
    "satp, immediate": "csrwi satp, 0",
}
# These read the set of the D$ after that.
ACCESSES = {
    "lr": "lr.d a0, (s1)",
    "sc": "sc.d a0, a0, (s1)",
    "amo": "amoadd.w a0, a0, (s1)",
    "load of more": "ld a0, (s0)",
}
OTHERS = {
    "load": "ld a0, (s1)",
    "load of the same": "lhu a0, 2(s0)",
    "store": "sd a0, (s1)",
    "csr": "csrw mscratch, a0",
    "csr with a refetch": "csrw mstatus, s2",
    "exception": "ecall",
    "illegal satp-like": ".word 0x0000100b",
}

PROGRAM = """
    la t0, handler
    csrw mtvec, t0
    la s0, cell
    la s1, cell + 64
    csrr s2, mstatus
    .rept 8
    nop
    .endr
    j go
.balign 64
go: .rept 4
    nop
    .endr
store: sw a0, (s0)
after: {code}
    finish 1
.balign 4
handler:
    csrr t0, mepc
    addi t0, t0, 4
    csrw mepc, t0
    mret
.balign 64
cell: .dword 0
    .zero 64
"""


@cocotb.test()
async def instructions_that_drain_the_buffer(dut):
    bench = Bench(dut)
    found, expected = {}, {}
    for group, waits in ((FENCES, WAITS), (ACCESSES, WAITS + 1), (OTHERS, 0)):
        for name, code in group.items():
            run = await bench.run(PROGRAM.format(code=code))
            found[name] = run.cycle_of("after") - run.cycle_of("store") - 1
            expected[name] = waits
            window = run.causes[run.cycle_of("store") : run.cycle_of("after")]
            drains = window.count(StallCause.FENCE_DRAIN)
            assert drains == (waits if group is FENCES else 0), name
    wrong = {name: found[name] for name in found if found[name] != expected[name]}
    assert not wrong, wrong
