// The user program: walks the operations of its thread.
//
// a0 is its first operation, a1 its heap window, a2 a number of its own. Mapped at USER_TEXT in
// every process, so all addresses in it are relative to pc.
//
//   s0 operation   s1 heap window   s2 calls done   s3 faults done   s4 seed of the canaries
//
// All registers that are not needed hold canaries from start to exit: every trap of the thread's
// life has to bring them back.
#include "asm-offsets.h"
#include "kernel/memory_layout.h"

#define ENOMEM 12

.macro for_canaries operation
    .irp register, ra, sp, gp, tp, s5, s6, s7, s8, s9, s10, s11, t3, t4, t5, t6
    \operation \register
    .endr
.endm

// the next canary in t0, from the one before
.macro next_canary
    slli t1, t0, 7
    xor t0, t0, t1
    srli t1, t0, 9
    xor t0, t0, t1
.endm

.macro set_canary register
    next_canary
    mv \register, t0
.endm

.macro check_canary register
    next_canary
    bne \register, t0, broken
.endm

    .section .user_text, "ax"
    .balign 4096
    .globl user_text_start
user_text_start:
    .globl user_program
user_program:
    mv s0, a0
    mv s1, a1
    li s2, 0
    li s3, 0
    li s4, 0x5851f42d
    add s4, s4, a2
    mv t0, s4
    for_canaries set_canary

next_operation:
    lwu t0, OP_USER_WORK(s0)
    beqz t0, 2f
1:  addi t0, t0, -1
    bnez t0, 1b
2:  lhu a7, OP_KIND(s0)
    lwu a0, OP_DEPTH(s0)
    lwu a1, OP_FRAME_BYTES(s0)
    lwu a2, OP_SLEEP_DEPTH(s0)
    lwu a3, OP_SLEEP_TICKS(s0)
    lwu a4, OP_HARTS(s0)
    lwu a5, OP_DEPTH_AFTER(s0)
    addi s0, s0, OP_SIZE
    li t0, OP_FAULT
    beq a7, t0, touch
    li t0, OP_EXIT
    beq a7, t0, exit

    ecall
    bnez a0, failed
    addi s2, s2, 1
    j next_operation

// writes to the next page of the window, which is not mapped; the registers tell the handler how
// deep to go. The page before it must still hold what was written there.
touch:
    andi t0, s3, USER_HEAP_SLOTS - 1
    slli t0, t0, PAGE_SHIFT
    add t0, t0, s1
    sd t0, 0(t0)
    addi s3, s3, 1
    andi t1, s3, 1
    bnez t1, next_operation     // every second page has one before it in the window
    li t1, PAGE_SIZE
    sub t1, t0, t1
    ld t2, 0(t1)
    bne t1, t2, broken
    j next_operation

exit:
    mv t0, s4
    for_canaries check_canary
    mv a0, s2
    mv a1, s3
    ecall

broken:
    ebreak                      // the kernel ends the run, and says where

// a call for which there was no memory is made again.
failed:
    li t0, -ENOMEM
    bne a0, t0, broken
    addi s0, s0, -OP_SIZE
    j next_operation

    .balign 4096
    .globl user_text_end
user_text_end:
