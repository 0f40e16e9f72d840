// Reports failure 21 through tohost, by a 32-bit store as riscv-tests does.
    .section .text.start, "ax"
    .globl  _start
_start:
    li      t0, (21 << 1) | 1
    la      t1, tohost
    sw      t0, 0(t1)
    sw      zero, 4(t1)
1:  j       1b

    .section .data
    .balign 64
    .globl  tohost
tohost:
    .dword  0
