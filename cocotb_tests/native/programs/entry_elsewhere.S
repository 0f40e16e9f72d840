// Begins behind the start of DRAM, at an address that is no multiple of 4; what is at the start
// reports failure 1. In one section: the linker drops those that nothing refers to.
    .text
    .globl  _start
    li      t0, (1 << 16) | 0x3333
    j       report
    .balign 4
    c.nop
_start:
    li      t0, 0x5555
report:
    li      t1, 0x100000
    sw      t0, 0(t1)
1:  j       1b
