/* The U-mode side, in pages of its own, and the way there and back. */

#include "sequence.inc"

/* enter_user(entry, a, b): runs user code with a and b in a0 and a1 until it asks to leave */
SEQUENCE enter_user
    addi sp, sp, -128
    sd ra, 0(sp)
    .irp r, 0,1,2,3,4,5,6,7,8,9,10,11
    sd s\r, 8 + 8*\r(sp)
    .endr
    sd gp, 104(sp)
    la t0, kernel_sp
    sd sp, 0(t0)
    csrw sepc, a0
    li t0, 0x100
    csrc sstatus, t0
    mv a0, a1
    mv a1, a2
    sret

.globl user_exit
user_exit:
    la t0, kernel_sp
    ld sp, 0(t0)
    ld ra, 0(sp)
    .irp r, 0,1,2,3,4,5,6,7,8,9,10,11
    ld s\r, 8 + 8*\r(sp)
    .endr
    ld gp, 104(sp)
    addi sp, sp, 128
    ret

.bss
.balign 8
kernel_sp: .dword 0

.text
.balign 4096
.globl user_text, user_return, user_text_end
user_text:
user_return:
    ret

/* All of these: a0 buffer for the times, a1 rounds. */

SEQUENCE user_ecall
    li a7, 0
1:  rdcycle t4
    ecall
    rdcycle t6
    sub t6, t6, t4
    sd t6, 0(a0)
    addi a0, a0, 8
    addi a1, a1, -1
    bnez a1, 1b
    li a7, 1
    ecall

SEQUENCE user_ecall_with_times
    li a7, 0
1:  rdcycle t4
    ecall
    rdcycle t6
    sub t5, t6, t4
    sd t5, 0(a0)
    sub t5, s2, t4
    sd t5, 8(a0)
    sub t5, s3, s2
    sd t5, 16(a0)
    sub t5, t6, s3
    sd t5, 24(a0)
    addi a0, a0, 32
    addi a1, a1, -1
    bnez a1, 1b
    li a7, 1
    ecall

SEQUENCE user_ecall_with_frame
    li a7, 0
1:  rdcycle t4
    ecall
    rdcycle t6
    sd t4, 0(a0)
    sd t6, 8(a0)
    addi a0, a0, 16
    addi a1, a1, -1
    bnez a1, 1b
    li a7, 1
    ecall

/* Touches a new page each round, every time in another line of it. */
SEQUENCE user_page_fault
    li a2, 0x180000000
    li a3, 4096+64
    li a7, 0
1:  rdcycle t4
    ld t5, 0(a2)
    addi t5, t5, 0
    rdcycle t6
    sd t4, 0(a0)
    sd t6, 8(a0)
    addi a0, a0, 16
    add a2, a2, a3
    addi a1, a1, -1
    bnez a1, 1b
    li a7, 1
    ecall

.balign 4096
user_text_end:
