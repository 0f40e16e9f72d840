// M-mode: reset, and the trap entry of the SBI firmware. M-mode never touches a stack of S-mode.
#include "kernel/memory_layout.h"

#define MSTATUS_MPP_S (1 << 11)
#define MSTATUS_MPP_M (3 << 11)
// fetch, load and store: misaligned and access faults; illegal instruction; breakpoint; ecall
// from U; page faults. Left to M: ecall from S and M.
#define DELEGATED_EXCEPTIONS 0xb1ff
#define DELEGATED_INTERRUPTS 0x222
#define M_FRAME_SIZE 128
#define M_STACK_SHIFT 11
#define MIE_MSIE (1 << 3)
#define MSTATUS_SIE (1 << 1)

    .section .text.start, "ax"
    .globl _start
_start:
    csrr a0, mhartid
    li t0, NR_HARTS
1:  bltu a0, t0, 2f
    wfi                         // more harts than there are stacks
    j 1b
2:
    // a hart with PMP lets S-mode touch nothing until an entry allows it; a hart without has no
    // such CSRs and traps, which leads past the writes.
    la t0, no_pmp
    csrw mtvec, t0
    li t0, -1
    csrw pmpaddr0, t0
    li t0, 0x1f                 // NAPOT, R W X
    csrw pmpcfg0, t0
    .balign 4
no_pmp:
    la t0, sbi_trap
    csrw mtvec, t0
    li t0, DELEGATED_EXCEPTIONS
    csrw medeleg, t0
    li t0, DELEGATED_INTERRUPTS
    csrw mideleg, t0
    li t0, 7                    // cycle, time and instret are readable from S-mode
    csrw mcounteren, t0

    .globl sbi_stopped
sbi_stopped:
    csrw mie, MIE_MSIE
    csrw mip, zero
    csrr t0, mhartid
    addi t0, t0, 1
    slli t0, t0, M_STACK_SHIFT
    la sp, sbi_stacks
    add sp, sp, t0
    csrw mscratch, sp
    call sbi_wait_for_start
    csrw mepc, a0

    li t0, MSTATUS_MPP_M | MSTATUS_SIE
    csrc mstatus, t0
    li t0, MSTATUS_MPP_S
    csrs mstatus, t0
    csrw satp, zero
    csrr a0, mhartid            // a1 is the caller's argument
    mret

    .globl sbi_trap
    .balign 4
sbi_trap:
    csrrw sp, mscratch, sp
    addi sp, sp, -M_FRAME_SIZE
    sd ra, 0(sp)
    sd t0, 8(sp)
    sd t1, 16(sp)
    sd t2, 24(sp)
    sd t3, 32(sp)
    sd t4, 40(sp)
    sd t5, 48(sp)
    sd t6, 56(sp)
    sd a0, 64(sp)
    sd a1, 72(sp)
    sd a2, 80(sp)
    sd a3, 88(sp)
    sd a4, 96(sp)
    sd a5, 104(sp)
    sd a6, 112(sp)
    sd a7, 120(sp)

    addi a0, sp, 64             // a0 to a7: arguments, then results of an ecall
    csrr a1, mcause
    call sbi_handle_trap

    ld ra, 0(sp)
    ld t0, 8(sp)
    ld t1, 16(sp)
    ld t2, 24(sp)
    ld t3, 32(sp)
    ld t4, 40(sp)
    ld t5, 48(sp)
    ld t6, 56(sp)
    ld a0, 64(sp)
    ld a1, 72(sp)
    ld a2, 80(sp)
    ld a3, 88(sp)
    ld a4, 96(sp)
    ld a5, 104(sp)
    ld a6, 112(sp)
    ld a7, 120(sp)
    addi sp, sp, M_FRAME_SIZE
    csrrw sp, mscratch, sp
    .globl sbi_trap_mret
sbi_trap_mret:
    mret

    .section .bss.sbi_stacks, "aw", @nobits
    .balign 16
sbi_stacks:
    .skip NR_HARTS << M_STACK_SHIFT
