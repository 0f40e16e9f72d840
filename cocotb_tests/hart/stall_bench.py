"""Timing of the surroundings must not change what a program does."""

import cocotb

from .programs import Bench

_PROGRAM = """
    la t0, handler
    csrw mtvec, t0
    la sp, cells
    li a0, 3
    li s0, 4
loop:
    sd a0, (sp)
    ld a1, (sp)
    add a0, a0, a1
    amoadd.d a2, a0, 8(sp)
    mul a3, a2, a1
    divu a4, a3, s0
    lr.d a5, (sp)
    addi a5, a5, 1
    sc.d a6, a5, (sp)
    lb a7, 1(sp)
    sh a0, 6(sp)
    csrrw t1, mscratch, a5
    bltu a7, a0, 1f
    addi a0, a0, 9
1:  ecall
    lw t2, 2(sp)
    jal ra, function
    fence.i
    lines 1
    lines 0
    addi s0, s0, -1
    bnez s0, loop
    finish 4
function:
    sd ra, 16(sp)
    ld t3, 16(sp)
    jr t3
.balign 4
handler:
    csrr t0, mepc
    addi t0, t0, 4
    csrw mepc, t0
    mret
.balign 8
cells: .dword 0, 0, 0
""".replace("amoadd.d a2, a0, 8(sp)", "addi t4, sp, 8\n    amoadd.d a2, a0, (t4)")


@cocotb.test()
async def same_effects_under_random_stalls(dut):
    bench = Bench(dut)
    calm = await bench.run(_PROGRAM)
    stalled = await bench.run(_PROGRAM, stall=True)
    assert [record.effect for record in calm.records] == [
        record.effect for record in stalled.records
    ]
    assert calm.code == stalled.code == 4
    assert stalled.records[-1].cycle > 1.3 * calm.records[-1].cycle, "nothing was stalled"
