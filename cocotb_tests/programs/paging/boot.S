// M-mode of the demand-paging environment: hands everything that a page fault or a system call of
// U-mode is to S-mode, and enters it. A trap that arrives here is the end.
#define REQUEST 0x87000000
#define ADUE_WANTED 1

    .section .text.start, "ax"
    .globl  _start
_start:
    la      sp, stack_top
    la      t0, 1f                  // a machine without PMP has nothing to open
    csrw    mtvec, t0
    li      t0, -1
    csrw    pmpaddr0, t0
    li      t0, 0x1f
    csrw    pmpcfg0, t0
    .balign 4
1:  la      t0, unexpected
    csrw    mtvec, t0
    li      t0, 0xb1ff
    csrw    medeleg, t0
    li      t0, 0x222
    csrw    mideleg, t0
    csrw    mie, zero
    li      t0, 1 << 63             // menvcfg.STCE: timer interrupts of S-mode's own
    li      t1, REQUEST
    ld      t1, 8(t1)
    andi    t1, t1, ADUE_WANTED
    slli    t1, t1, 61
    or      t0, t0, t1
    csrw    menvcfg, t0
    csrr    a0, menvcfg
    li      t0, 2                   // mcounteren.TM: S-mode reads time
    csrw    mcounteren, t0
    li      t0, 1 << 11             // MPP = S
    csrw    mstatus, t0
    la      t0, supervisor
    csrw    mepc, t0
    mret

    .balign 4
unexpected:
    csrr    a0, mcause
    csrr    a1, mepc
    csrr    a2, mtval
    la      sp, stack_top
    csrw    satp, zero
    call    complain
    li      a0, 99
    j       exit_image
