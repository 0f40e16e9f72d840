// Three loops on hart 0, each called twice so that the second passage is warm: loads of one line,
// loads of a device's register, and loads of 64 KiB, a line each, which no D$ here holds.
    .section .text.start, "ax"
    .globl  _start, hits, devices, lines
_start:
    csrr    t0, mhartid
1:  beqz    t0, 2f
    wfi
    j       1b
2:  jal     hits
    jal     hits
    jal     devices
    jal     devices
    jal     lines
    jal     lines
    la      t0, tohost
    li      t1, 1
    sd      t1, 0(t0)
3:  j       3b

    .balign 64
hits:
    la      t0, block
    li      t1, 200
1:  ld      t2, 0(t0)
    addi    t1, t1, -1
    bnez    t1, 1b
    ret

    .balign 64
devices:
    li      t0, 0x02000000          // MSIP of hart 0
    li      t1, 20
1:  lw      t2, 0(t0)
    addi    t1, t1, -1
    bnez    t1, 1b
    ret

    .balign 64
lines:
    la      t0, block
    li      t1, 1024
1:  ld      t2, 0(t0)
    addi    t0, t0, 64
    addi    t1, t1, -1
    bnez    t1, 1b
    ret

    .section .data
    .balign 64
    .globl  tohost
tohost:
    .dword  0
    .balign 64
block:
    .zero   65536
