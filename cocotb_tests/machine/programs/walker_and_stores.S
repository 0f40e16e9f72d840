// A page table entry is stored while an older store waits for its line, then its page is loaded.
//
// Without a fence in between the load may go through the old entry, because the walker does not
// look into the store buffer; after sfence.vma it must not. Prints S where an old entry was used,
// N where none was.
    .equ    UART, 0x10000000
    .equ    FINISHER, 0x100000
    .equ    LEAF, 0xc7              // D A W R V
    // The entries of the three levels, and the line of the older store, are in different sets.
    .equ    PAGE, 8 << 30 | 16 << 21 | 24 << 12

    .macro  pte to, address, bits
    la      \to, \address
    srli    \to, \to, 2
    ori     \to, \to, \bits
    .endm

    // Loads the page; fails with the code unless it holds the value.
    .macro  expect value, code
    ld      t0, (s3)
    li      t1, \value
    li      a0, \code
    bne     t0, t1, fail
    .endm

    // The page table says page_a, and everybody knows.
    .macro  start_with_a
    sd      s1, (s0)
    sfence.vma
    expect  1, 1
    sfence.vma
    addi    s4, s4, 256
    .endm

    .section .text.start, "ax"
    .globl  _start
_start:
    // S-mode may access everything: one entry over all addresses.
    li      t0, -1
    csrw    pmpaddr0, t0
    li      t0, 0x1f
    csrw    pmpcfg0, t0
    la      t0, root
    li      t1, 0x80000000 >> 2 | LEAF
    sd      t1, 2 * 8(t0)
    pte     t1, middle, 1
    sd      t1, 8 * 8(t0)
    la      t2, middle
    pte     t1, leaves, 1
    sd      t1, 16 * 8(t2)
    srli    t0, t0, 12
    li      t1, 8 << 60
    or      t0, t0, t1
    csrw    satp, t0

    la      s0, leaves + 24 * 8
    pte     s1, page_a, LEAF
    pte     s2, page_b, LEAF
    li      s3, PAGE
    la      s4, cold
    li      s5, 16
    li      s6, 0
    // Data accesses as in S-mode: MPP = S, MPRV.
    li      t0, 3 << 11
    csrc    mstatus, t0
    li      t0, 1 << 17 | 1 << 11
    csrs    mstatus, t0

again:
    start_with_a
    sd      zero, (s4)
    sd      s2, (s0)
    ld      t0, (s3)
    li      t1, 1
    bne     t0, t1, 1f
    addi    s6, s6, 1
1:  sfence.vma
    expect  2, 2

    start_with_a
    sd      zero, (s4)
    sd      s2, (s0)
    sfence.vma
    expect  2, 3
    addi    s5, s5, -1
    bnez    s5, again

    li      t0, 1 << 17
    csrc    mstatus, t0
    li      t0, 'N'
    beqz    s6, 1f
    li      t0, 'S'
1:  li      t1, UART
    sb      t0, (t1)
    li      t0, 0x5555
    j       end
fail:
    slli    t0, a0, 16
    li      t1, 0x3333
    or      t0, t0, t1
    li      t1, 1 << 17
    csrc    mstatus, t1
end:
    li      t1, FINISHER
    sw      t0, (t1)
1:  j       1b

    .data
    .balign 4096
root:
    .zero   4096
middle:
    .zero   4096
leaves:
    .zero   4096
page_a:
    .dword  1
    .balign 4096
page_b:
    .dword  2
    .balign 4096
cold:
    .zero   64 * 256
