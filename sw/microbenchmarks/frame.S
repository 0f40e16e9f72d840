/*
 * Entry and exit as Linux 5.x and 6.x have them on RISC-V (arch/riscv/kernel/entry.S): swap tp with
 * sscratch, 36 words of pt_regs, a table of C handlers. The task is three words: one that is not
 * used, its kernel sp, its user sp.
 */

#include "sequence.inc"

#define FRAME 288
#define TASK_KERNEL_SP 8
#define TASK_USER_SP 16
#define FRAME_STATUS 256
#define FRAME_BADADDR 264
#define FRAME_CAUSE 272

.macro ALL_FROM_X5 instruction
.irp r, 5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    \instruction x\r, 8*\r(sp)
.endr
.endm

SEQUENCE handle_with_frame
    csrrw tp, sscratch, tp
    bnez tp, 1f
    j unexpected_trap
1:  sd sp, TASK_USER_SP(tp)
    ld sp, TASK_KERNEL_SP(tp)
    addi sp, sp, -FRAME
    sd x1, 8(sp)
    sd x3, 24(sp)
    ALL_FROM_X5 sd
    li t0, 0x46000
    ld s0, TASK_USER_SP(tp)
    csrrc s1, sstatus, t0
    csrr s2, sepc
    csrr s3, stval
    csrr s4, scause
    csrr s5, sscratch
    sd s0, 16(sp)
    sd s1, FRAME_STATUS(sp)
    sd s2, 0(sp)
    sd s3, FRAME_BADADDR(sp)
    sd s4, FRAME_CAUSE(sp)
    sd s5, 32(sp)
    csrw sscratch, x0
.option push
.option norelax
    la gp, __global_pointer
.option pop
    la ra, return_from_exception
    blt s4, zero, unexpected_trap
    slli t0, s4, 3
    la t1, exception_table
    add t0, t1, t0
    ld t0, 0(t0)
    mv a0, sp
    jr t0

return_from_exception:
    ld s0, FRAME_STATUS(sp)
    csrci sstatus, 2
    andi s0, s0, 0x100
    bnez s0, unexpected_trap
    addi s0, sp, FRAME
    sd s0, TASK_KERNEL_SP(tp)
    csrw sscratch, tp
    ld a0, FRAME_STATUS(sp)
    ld a2, 0(sp)
    sc.d x0, a2, 0(sp)
    csrw sstatus, a0
    csrw sepc, a2
    ld x1, 8(sp)
    ld x3, 24(sp)
    ld x4, 32(sp)
    ALL_FROM_X5 ld
    ld x2, 16(sp)
    sret

.data
.balign 64
exception_table:
.rept 8
    .dword unexpected_trap
.endr
    .dword system_call
.rept 4
    .dword unexpected_trap
.endr
    .dword page_fault, unexpected_trap, page_fault

/* gp is loaded as Linux loads it; nothing is addressed through it. */
.globl __global_pointer
__global_pointer:
    .dword 0
