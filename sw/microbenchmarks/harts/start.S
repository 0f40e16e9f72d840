/*
 * Reset of the program for two harts: hart 0 takes the times (main, in M-mode), hart 1 answers
 * (responder.S), others sleep. Translation is one to one, in gigapages, where it is used.
 */

.section .text.start
.globl _start
_start:
    li t0, -1
    csrw pmpaddr0, t0
    li t0, 0x1f
    csrw pmpcfg0, t0
    li t0, 7
    csrw mcounteren, t0
    csrw scounteren, t0
    csrr t0, mhartid
    li t1, 1
    beq t0, t1, responder
    bnez t0, sleep
    la sp, stack_top
    la t0, machine_trap
    csrw mtvec, t0
    call main
    li a0, 0
    j finish

sleep:
    csrw mie, zero
1:  wfi
    j 1b

/* An ecall of hart 0 is a remote fence: MSIP of hart 1. Anything else ends the run. */
.text
.balign 64
machine_trap:
    csrw mscratch, t0
    csrr t0, mcause
    addi t0, t0, -9
    bnez t0, 1f
    li t0, 0x2000004
    sw a0, 0(t0)
    csrr t0, mepc
    addi t0, t0, 4
    csrw mepc, t0
    csrr t0, mscratch
    mret
1:  csrr a0, mcause
    addi a0, a0, 64
    j finish

/* Hart 0 returns to its caller in S-mode, with translation. */
.balign 64
.globl become_supervisor
become_supervisor:
    li t1, 3 << 11
    csrc mstatus, t1
    li t1, 1 << 11
    csrs mstatus, t1
    csrw mideleg, zero
    la t1, one_to_one
    srli t1, t1, 12
    li t2, 8
    slli t2, t2, 60
    or t1, t1, t2
    csrw satp, t1
    sfence.vma
    csrw mepc, ra
    mret

/* Ends the run through the test finisher; a0: 0, or the code of the failure. */
.globl finish
finish:
    li t0, 0x100000
    li t1, 0x5555
    beqz a0, 1f
    slli a0, a0, 16
    li t1, 0x3333
    or t1, t1, a0
1:  sw t1, 0(t0)
2:  j 2b

/* V R W A D, and X for the gigabyte of DRAM */
.data
.balign 4096
.globl one_to_one
one_to_one:
    .dword 0xc7, 0x100000c7, 0x200000cf
    .zero 4096 - 24
