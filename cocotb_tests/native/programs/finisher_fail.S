// Reports failure 7 through the test finisher.
    .section .text.start, "ax"
    .globl  _start
_start:
    li      t0, (7 << 16) | 0x3333
    li      t1, 0x100000
    sw      t0, 0(t1)
1:  j       1b
