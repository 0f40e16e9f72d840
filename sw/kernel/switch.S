// struct thread *switch_to(struct thread *prev, struct thread *next)
//
// One block, interrupts off. From `ld sp` until tp says whose stack that is nothing touches a
// stack: a fault in between would be taken for one of the wrong thread.
#include "asm-offsets.h"

    .text
    .globl switch_to
    .balign 4
switch_to:
    sd ra, THREAD_RA(a0)
    sd sp, THREAD_SP(a0)
    sd s0, THREAD_S + 0(a0)
    sd s1, THREAD_S + 8(a0)
    sd s2, THREAD_S + 16(a0)
    sd s3, THREAD_S + 24(a0)
    sd s4, THREAD_S + 32(a0)
    sd s5, THREAD_S + 40(a0)
    sd s6, THREAD_S + 48(a0)
    sd s7, THREAD_S + 56(a0)
    sd s8, THREAD_S + 64(a0)
    sd s9, THREAD_S + 72(a0)
    sd s10, THREAD_S + 80(a0)
    sd s11, THREAD_S + 88(a0)
    ld ra, THREAD_RA(a1)
    ld sp, THREAD_SP(a1)
    ld s0, THREAD_S + 0(a1)
    ld s1, THREAD_S + 8(a1)
    ld s2, THREAD_S + 16(a1)
    ld s3, THREAD_S + 24(a1)
    ld s4, THREAD_S + 32(a1)
    ld s5, THREAD_S + 40(a1)
    ld s6, THREAD_S + 48(a1)
    ld s7, THREAD_S + 56(a1)
    ld s8, THREAD_S + 64(a1)
    ld s9, THREAD_S + 72(a1)
    ld s10, THREAD_S + 80(a1)
    ld s11, THREAD_S + 88(a1)
    mv tp, a1
    ret

// Where a new thread starts: a0 is the thread before it, interrupts are off.
    .globl ret_from_fork
    .balign 4
ret_from_fork:
    call schedule_tail
    call new_thread_exit_to_user
    j ret_from_exception

// s0 is the function, s1 its argument. The function does not return.
    .globl ret_from_kernel_thread
    .balign 4
ret_from_kernel_thread:
    call schedule_tail
    csrsi sstatus, 2
    mv a0, s1
    jalr s0
