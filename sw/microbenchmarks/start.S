/* M-mode: delegates, opens the counters, and enters main() in S-mode with Sv39 on. */

.section .text.start
.globl _start
_start:
    la sp, stack_top
    la t0, machine_trap
    csrw mtvec, t0
    li t0, -1
    csrw pmpaddr0, t0
    li t0, 0x1f
    csrw pmpcfg0, t0
    li t0, 0xb1ff
    csrw medeleg, t0
    li t0, 0x222
    csrw mideleg, t0
    li t0, 7
    csrw mcounteren, t0
    csrw scounteren, t0
    call build_address_space
    mv s0, a0
    li t0, 3 << 11
    csrc mstatus, t0
    li t0, 1 << 11
    csrs mstatus, t0
    la t0, supervisor
    csrw mepc, t0
    mret

supervisor:
    la t0, unexpected_trap
    csrw stvec, t0
    csrw satp, s0
    sfence.vma
    call main
    li a0, 0
    j finish

/* An ecall from S-mode returns at once; anything else ends the run. */
.text
.balign 64
machine_trap:
    csrw mscratch, t0
    csrr t0, mcause
    addi t0, t0, -9
    bnez t0, 1f
    csrr t0, mepc
    addi t0, t0, 4
    csrw mepc, t0
    csrr t0, mscratch
    mret
1:  csrr a0, mcause
    addi a0, a0, 64
    j finish

.balign 64
.globl unexpected_trap
unexpected_trap:
    csrr a0, scause
    addi a0, a0, 32
    j finish

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
