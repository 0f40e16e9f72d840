// M-mode: reset, and the trap entry of the SBI firmware. M-mode never touches a stack of S-mode.
#include "kernel/memory_layout.h"

#define MSTATUS_MPP_S (1 << 11)
#define MSTATUS_MPP_M (3 << 11)
// fetch, load and store: misaligned and access faults; illegal instruction; breakpoint; ecall
// from U; page faults. Left to M: ecall from S and M.
#define DELEGATED_EXCEPTIONS 0xb1ff
#define DELEGATED_INTERRUPTS 0x222
#define M_FRAME_SIZE 128

    .section .text.start, "ax"
    .globl _start
_start:
    csrr a0, mhartid
    bnez a0, park               // this version runs on hart 0 alone

    la sp, sbi_stack_top
    csrw mscratch, sp

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

    csrw mie, zero
    li t0, DELEGATED_EXCEPTIONS
    csrw medeleg, t0
    li t0, DELEGATED_INTERRUPTS
    csrw mideleg, t0
    li t0, 7                    // cycle, time and instret are readable from S-mode
    csrw mcounteren, t0

    li t0, MSTATUS_MPP_M
    csrc mstatus, t0
    li t0, MSTATUS_MPP_S
    csrs mstatus, t0
    la t0, kernel_entry
    csrw mepc, t0
    csrw satp, zero
    csrr a0, mhartid
    li a1, 0                    // no device tree
    mret

park:
    wfi
    j park

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
    mret

    .section .bss.sbi_stack, "aw", @nobits
    .balign 16
    .skip 4096
sbi_stack_top:
