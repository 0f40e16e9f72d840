// Harts other than 0: what reset left goes to boot_state, then they wait for work (harts.c).
#define MOST_HARTS 8

    .text
    .globl  other_hart
other_hart:
    csrr    s0, mstatus
    csrr    s1, mie
    csrr    s2, satp
    csrr    a0, mhartid
    la      t0, 1f                  // a machine without PMP has nothing to open
    csrw    mtvec, t0
    li      t0, -1
    csrw    pmpaddr0, t0
    li      t0, 0x1f
    csrw    pmpcfg0, t0
    .balign 4
1:  la      t0, unexpected
    csrw    mtvec, t0
    la      t0, boot_state
    slli    t1, a0, 5
    add     t0, t0, t1
    sd      a0, 0(t0)
    sd      s0, 8(t0)
    sd      s1, 16(t0)
    sd      s2, 24(t0)
    la      sp, stacks
    addi    t0, a0, 1
    slli    t0, t0, 12
    add     sp, sp, t0
    li      gp, 0
    li      tp, 0
    call    wait_for_work

    .balign 64
unexpected:
    csrr    a0, mhartid
    csrr    a1, mcause
    csrr    a2, mepc
    csrr    a3, mtval
    call    end_unexpectedly

    .bss
    .balign 64
    .globl  boot_state
boot_state:
    .zero   32 * MOST_HARTS
    .balign 4096
stacks:
    .zero   4096 * MOST_HARTS
