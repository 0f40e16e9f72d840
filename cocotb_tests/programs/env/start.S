// Boot, the way into a piece of code, and the way back out of it through whatever trap ends it.
    .section .text.start, "ax"
    .globl  _start
_start:
    csrr    t0, mhartid
    bnez    t0, other_hart
    la      sp, stack_top
    li      gp, 0
    li      tp, 0
    la      t0, 1f                  // a machine without PMP has nothing to open
    csrw    mtvec, t0
    li      t0, -1
    csrw    pmpaddr0, t0
    li      t0, 0x1f
    csrw    pmpcfg0, t0
    .balign 4
1:  la      t0, m_catch
    csrw    mtvec, t0
    call    run_tests
    j       exit_image

// An image of tests for one hart; harts.S has more for the others to do.
    .weak   other_hart
other_hart:
    wfi
    j       other_hart

// struct outcome *enter(struct outcome *outcome, const struct entry *entry)
    .text
    .globl  enter
enter:
    addi    sp, sp, -144
    sd      ra, 0(sp)
    sd      s0, 8(sp)
    sd      s1, 16(sp)
    sd      s2, 24(sp)
    sd      s3, 32(sp)
    sd      s4, 40(sp)
    sd      s5, 48(sp)
    sd      s6, 56(sp)
    sd      s7, 64(sp)
    sd      s8, 72(sp)
    sd      s9, 80(sp)
    sd      s10, 88(sp)
    sd      s11, 96(sp)
    sd      a0, 104(sp)
    csrr    t0, mtvec
    sd      t0, 112(sp)
    la      t0, innermost           // entries nest: the runner enters a test, which enters a snippet
    ld      t1, 0(t0)
    sd      t1, 120(sp)
    sd      sp, 0(t0)
    csrr    t0, mstatus             // the trap overwrites it, the caller sees it as it was
    sd      t0, 128(sp)

    ld      t0, 48(a1)
    bnez    t0, 1f
    la      t0, m_catch
1:  csrw    mtvec, t0
    ld      t0, 8(a1)
    csrw    mepc, t0
    li      t0, 3 << 11
    csrc    mstatus, t0
    ld      t0, 0(a1)
    slli    t0, t0, 11
    csrs    mstatus, t0
    la      ra, snippet_ecall       // a function ends here
    ld      a0, 16(a1)
    ld      a2, 32(a1)
    ld      a3, 40(a1)
    ld      a1, 24(a1)
    mret

// Every trap to M-mode. t0 and t1 of the piece of code are lost, the others are nobody's.
    .balign 64
    .globl  m_vectors
m_vectors:
    .option push
    .option norvc
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    j       vector_\n
    .endr
    .option pop
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
vector_\n:
    csrwi   mscratch, \n
    j       caught
    .endr

    .balign 4
    .globl  m_catch
m_catch:
    csrw    mscratch, zero
caught:
    la      t0, innermost
    ld      sp, 0(t0)
    ld      t1, 120(sp)
    sd      t1, 0(t0)
    ld      t0, 104(sp)             // struct outcome
    sd      a0, 40(t0)
    sd      a1, 48(t0)
    csrr    t1, mstatus
    sd      t1, 32(t0)
    csrr    t1, mscratch
    sd      t1, 56(t0)

    csrr    t1, mepc                // did the S-mode handler hand it on?
    la      a1, s_catch
    bltu    t1, a1, 1f
    la      a1, s_catch_end
    bltu    t1, a1, 2f
1:  li      a1, 3
    sd      a1, 0(t0)
    sd      t1, 16(t0)
    csrr    t1, mcause
    sd      t1, 8(t0)
    csrr    t1, mtval
    sd      t1, 24(t0)
    j       3f
2:  li      a1, 1
    sd      a1, 0(t0)
    csrr    t1, sepc
    sd      t1, 16(t0)
    csrr    t1, scause
    sd      t1, 8(t0)
    csrr    t1, stval
    sd      t1, 24(t0)
    csrr    t1, sscratch
    sd      t1, 56(t0)

3:  mv      a0, t0
    ld      t0, 128(sp)
    csrw    mstatus, t0
    ld      t0, 112(sp)
    csrw    mtvec, t0
    ld      ra, 0(sp)
    ld      s0, 8(sp)
    ld      s1, 16(sp)
    ld      s2, 24(sp)
    ld      s3, 32(sp)
    ld      s4, 40(sp)
    ld      s5, 48(sp)
    ld      s6, 56(sp)
    ld      s7, 64(sp)
    ld      s8, 72(sp)
    ld      s9, 80(sp)
    ld      s10, 88(sp)
    ld      s11, 96(sp)
    addi    sp, sp, 144
    ret

// S-mode's handler touches no memory: M-mode reads what it was told. What comes from S-mode by
// ecall may itself be delegated; then ebreak is not.
    .balign 64
    .globl  s_catch, s_vectors
s_vectors:
    .option push
    .option norvc
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    j       s_vector_\n
    .endr
    .option pop
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
s_vector_\n:
    csrwi   sscratch, \n
    j       s_caught
    .endr
    .balign 4
s_catch:
    csrw    sscratch, zero
s_caught:
    csrr    t0, scause
    addi    t0, t0, -9
    beqz    t0, 1f
    ecall
1:  ebreak
s_catch_end:

    .bss
    .balign 8
innermost:
    .zero   8
