// Counts up in memory and in s0; something to stop in and look at.
    .section .text.start, "ax"
    .globl  _start, counted, done
_start:
    la      s1, value
    li      s0, 0
1:  addi    s0, s0, 1
    sd      s0, 0(s1)
counted:
    li      t0, 5
    blt     s0, t0, 1b
wait:
    ld      t1, 0(s1)               // until the host stores something else
    beq     t1, s0, wait
done:
    li      t0, 0x5555
    li      t1, 0x100000
    sw      t0, 0(t1)
2:  j       2b

    .section .data
    .balign 64
    .globl  value
value:
    .dword  0
