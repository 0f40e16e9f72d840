// Every hart adds one to a count; hart 0 reports success when all have. The word at `expected`
// says how many there are.
    .section .text.start, "ax"
    .globl  _start
_start:
    la      t0, count
    li      t1, 1
    amoadd.w zero, t1, (t0)
    csrr    t2, mhartid
    bnez    t2, park
    lw      t3, expected
1:  lw      t4, (t0)
    bne     t4, t3, 1b
    la      t0, tohost
    sd      t1, 0(t0)
park:
    wfi
    j       park

    .section .data
    .balign 64
count:
    .word   0
expected:
    .word   2
    .balign 64
    .globl  tohost
tohost:
    .dword  0
