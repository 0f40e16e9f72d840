/* Timed sequences of S-mode that trap, and the handlers that they meet. */

#include "sequence.inc"

/*
 * A load page fault: a0 address, a1 its PTE, a2 the value to map it, a4 where the four times go
 * (total, entry, handler, exit with the repeated load) and the number of faults.
 */
SEQUENCE time_page_fault
    mv t0, s2
    mv t1, s3
    mv t2, s4
    mv t3, s5
    mv s4, a1
    mv s5, a2
    li a6, 0
    rdcycle a2
    ld a1, 0(a0)
    addi a1, a1, 0
    rdcycle a3
    sub a5, a3, a2
    sd a5, 0(a4)
    sub a5, s2, a2
    sd a5, 8(a4)
    sub a5, s3, s2
    sd a5, 16(a4)
    sub a5, a3, s3
    sd a5, 24(a4)
    sd a6, 32(a4)
    mv s2, t0
    mv s3, t1
    mv s4, t2
    mv s5, t3
    ret

SEQUENCE handle_page_fault
    rdcycle s2
    sd s5, 0(s4)
    csrr t4, stval
    sfence.vma t4
    rdcycle s3
    sret

/* Fences only at the eighth fault: how often does the load fault before? */
SEQUENCE handle_page_fault_without_fence
    rdcycle s2
    sd s5, 0(s4)
    addi a6, a6, 1
    li t4, 8
    bltu a6, t4, 1f
    sfence.vma
1:  rdcycle s3
    sret

SEQUENCE time_sbi_call
    li a7, 0
    rdcycle a2
    ecall
    rdcycle a3
    sub a0, a3, a2
    ret

/* A software interrupt of our own: until the handler in a0, and from its return in a1 */
SEQUENCE time_software_interrupt
    mv t0, s2
    mv t1, s3
    csrsi sstatus, 2
    csrsi sie, 2
    rdcycle a2
    csrsi sip, 2
    nop
    nop
    nop
    nop
    rdcycle a3
    csrci sie, 2
    csrci sstatus, 2
    sub a0, s2, a2
    sub a1, a3, s3
    mv s2, t0
    mv s3, t1
    ret

SEQUENCE handle_software_interrupt
    rdcycle s2
    csrci sip, 2
    rdcycle s3
    sret

/* Minimal system call: a7 not zero leaves user mode. */
SEQUENCE handle_ecall
    bnez a7, user_exit
    csrr t0, sepc
    addi t0, t0, 4
    csrw sepc, t0
    sret

SEQUENCE handle_ecall_with_times
    rdcycle s2
    bnez a7, user_exit
    csrr t0, sepc
    addi t0, t0, 4
    csrw sepc, t0
    rdcycle s3
    sret
