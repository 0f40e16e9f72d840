// Boot and traps of virtual.c.
    .section .text.init, "ax"
    .globl  _start
_start:
    j       1f
    .balign 4
unexpected:
    li      a0, 841
    la      t0, tohost
    sd      a0, 0(t0)
2:  j       2b
1:  la      t0, 3f
    csrw    mtvec, t0
    csrwi   0x744, 8                // Smrnmi, where there is any
    .balign 4
3:  la      t0, unexpected
    csrw    mtvec, t0
    la      sp, boot_stack + 4096
    call    boot

// From M-mode straight to U-mode, and from S-mode back to it: by sret both times.
    .text
    .globl  resume, trap_entry
resume:                             // a0: struct frame
    ld      t0, 0(a0)
    csrw    sepc, t0
    .irp    n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    ld      x\n, 8 * \n(a0)
    .endr
    ld      a0, 80(a0)
    sret
    .balign 4
trap_entry:
    csrrw   sp, sscratch, sp
    .irp    n, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    sd      x\n, 8 * \n(sp)
    .endr
    csrrw   t0, sscratch, sp
    sd      t0, 16(sp)
    csrr    t0, sepc
    sd      t0, 0(sp)
    mv      a0, sp
    j       handle

// The program: position-independent, linked behind the page of tohost, run at its offset in DRAM.
    .balign 4096
    .globl  program
program:
    li      sp, 0x30000
    li      s0, 20                  // pages
    li      s1, 0
1:  sd      s0, -8(sp)
    li      t0, 4096
    sub     sp, sp, t0
    add     s1, s1, s0
    addi    s0, s0, -1
    bnez    s0, 1b
    li      s0, 20
2:  add     sp, sp, t0
    ld      t1, -8(sp)
    sub     s1, s1, t1
    addi    s0, s0, -1
    bnez    s0, 2b
    li      a0, 1
    beqz    s1, 3f
    li      a0, 7
3:
#if CODE != 1
    li      a0, CODE
#endif
    ecall

    .section .tohost, "aw", @progbits
    .balign 64
    .globl  tohost
tohost:
    .dword  0
    .balign 64
    .globl  fromhost
fromhost:
    .dword  0

    .bss
    .balign 16
boot_stack:
    .zero   4096
