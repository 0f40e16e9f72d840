// Begins behind the start of DRAM; what is there reports failure 1.
    .section .text.start, "ax"
    li      t0, (1 << 16) | 0x3333
    j       report

    .text
    .globl  _start
_start:
    li      t0, 0x5555
report:
    li      t1, 0x100000
    sw      t0, 0(t1)
1:  j       1b
