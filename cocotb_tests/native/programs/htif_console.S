// Prints through tohost: two characters, an odd and an even one, as console commands, then a line as
// a system call, each waiting for the host as Spike's programs do. Ends with the number of bytes
// that were not written.
    .section .text.start, "ax"
    .globl  _start
_start:
    la      s0, tohost
    la      s1, fromhost
    li      a0, (1 << 56) | (1 << 48) | '?'
    jal     command
    li      a0, (1 << 56) | (1 << 48) | ' '
    jal     command

    la      a0, block
    sd      a0, 0(s0)
1:  ld      t0, 0(s1)               // the system call has been performed
    beqz    t0, 1b
    sd      zero, 0(s1)
    la      a0, block
    ld      t0, 0(a0)               // bytes written
    li      t1, message_end - message
    sub     t0, t1, t0
    slli    t0, t0, 1
    ori     t0, t0, 1
    sd      t0, 0(s0)
2:  j       2b

command:
    sd      a0, 0(s0)
1:  ld      t0, 0(s0)               // the host has taken it
    bnez    t0, 1b
    ret

    .section .data
    .balign 64
    .globl  tohost, fromhost
tohost:
    .dword  0
    .balign 64
fromhost:
    .dword  0
    .balign 64
block:
    .dword  64, 1, message, message_end - message, 0, 0, 0, 0
message:
    .ascii  "written by a system call\n"
message_end:
