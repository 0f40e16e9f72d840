// Changes an instruction and runs it again without fence.i. The machine still has the old one in
// its I$. Spike has forgotten it, because it decoded an instruction 8 KiB away in between.
    .section .text.start, "ax"
    .globl  _start
    .option norvc
_start:
    la      s0, patched
    la      s1, far
    lw      s2, 0(s0)
    lui     s3, 0x200           // adds 2 to the immediate of `patched`
    add     s2, s2, s3
    jalr    s0
    jalr    s1
    sw      s2, 0(s0)
    jalr    s0
    li      t0, 1
    la      t1, tohost
    sd      t0, 0(t1)
1:  j       1b

    .balign 8192
patched:
    li      a0, 1
    ret

    .balign 8192
far:
    li      a1, 1
    ret

    .section .data
    .balign 64
    .globl  tohost
tohost:
    .dword  0
