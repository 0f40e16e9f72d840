// The walker sets A in a page table entry while a store to that entry waits in the store buffer.
//
// Sixteen entries map a page with A clear. For each: a store to a cold line, a store of another
// entry, and a load of the page, whose walk finds the old entry and updates it. What memory holds
// afterwards goes to `seen`. Prints S where a load used an old entry, N where none did.
    .equ    UART, 0x10000000
    .equ    FINISHER, 0x100000
    .equ    NOT_ACCESSED, 0x87      // D W R V
    .equ    LEAF, 0xc7
    .equ    COUNT, 16
    .equ    PAGES, 8 << 30 | 16 << 21 | 24 << 12

    .macro  pte to, address, bits
    la      \to, \address
    srli    \to, \to, 2
    ori     \to, \to, \bits
    .endm

    .section .text.start, "ax"
    .globl  _start
_start:
    li      t0, -1
    csrw    pmpaddr0, t0
    li      t0, 0x1f
    csrw    pmpcfg0, t0
    li      t0, 1 << 61             // menvcfg.ADUE
    csrw    0x30a, t0
    // One entry over all addresses, beside the pages.
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

    la      s0, entries
    pte     s1, page_a, NOT_ACCESSED
    pte     s2, page_b, LEAF
    li      t0, COUNT
1:  sd      s1, (s0)
    addi    s0, s0, 8
    addi    t0, t0, -1
    bnez    t0, 1b

    la      s0, entries
    li      s3, PAGES
    la      s4, cold
    li      s5, COUNT
    li      s6, 0
    la      s7, seen
    li      t2, 1
    li      s8, 4096
    // Data accesses as in S-mode: MPP = S, MPRV.
    li      s9, 1 << 17
    li      t0, 3 << 11
    csrc    mstatus, t0
    li      t0, 1 << 11
    csrs    mstatus, t0
    sfence.vma
again:
    csrs    mstatus, s9
    fence
    sd      zero, (s4)
    sd      s2, (s0)
    ld      t0, (s3)
    csrc    mstatus, s9
    bne     t0, t2, 1f
    addi    s6, s6, 1
1:  fence
    ld      t0, (s0)
    sd      t0, (s7)
    addi    s0, s0, 8
    addi    s7, s7, 8
    add     s3, s3, s8
    addi    s4, s4, 256
    addi    s5, s5, -1
    bnez    s5, again
    fence

    li      t0, 'N'
    beqz    s6, 1f
    li      t0, 'S'
1:  li      t1, UART
    sb      t0, (t1)
    li      t0, 0x5555
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
    .zero   24 * 8
    .globl  entries
entries:
    .zero   4096 - 24 * 8
page_a:
    .dword  1
    .balign 4096
page_b:
    .dword  2
    .balign 64
    .globl  seen
seen:
    .zero   8 * COUNT
    .balign 4096
cold:
    .zero   64 * 256
