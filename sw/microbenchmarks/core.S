/* Timed sequences: instructions of one class. They return the cycles in a0. */

#include "sequence.inc"

SEQUENCE time_nothing
    rdcycle a2
    rdcycle a3
    sub a0, a3, a2
    ret

SEQUENCE time_8_nops
    rdcycle a2
    REPEAT 8, nop
    rdcycle a3
    sub a0, a3, a2
    ret

CHAIN time_32_mul, 32, mul a1, a1, a2
CHAIN time_32_mulhu, 32, mulhu a1, a1, a2
CHAIN time_32_csrr_sscratch, 32, csrr a1, sscratch
CHAIN time_32_csrw_sscratch, 32, csrw sscratch, a1
CHAIN time_32_csrr_scause, 32, csrr a1, scause
CHAIN time_32_csrs_sstatus, 32, csrs sstatus, a2
CHAIN time_32_csrr_sstatus, 32, csrr a1, sstatus
CHAIN time_8_fence_i, 8, fence.i

SEQUENCE time_24_csrr_independent
    rdcycle a6
    .rept 4
    csrr a1, sscratch
    csrr a2, sscratch
    csrr a3, sscratch
    csrr a4, sscratch
    csrr t0, sscratch
    csrr t1, sscratch
    .endr
    rdcycle a7
    sub a0, a7, a6
    ret

/* a1 / a2 */
SEQUENCE time_divu
    rdcycle a6
    divu a1, a1, a2
    addi a1, a1, 0
    rdcycle a7
    sub a0, a7, a6
    ret

/* a1 rounds of everything below. */

SEQUENCE time_empty_loop
    rdcycle a6
1:  addi a1, a1, -1
    bnez a1, 1b
    rdcycle a7
    sub a0, a7, a6
    ret

SEQUENCE time_8_calls
    mv t2, ra
    rdcycle a6
1:  REPEAT 8, jal ra, 9f
    addi a1, a1, -1
    bnez a1, 1b
    rdcycle a7
    mv ra, t2
    sub a0, a7, a6
    ret
9:  ret

SEQUENCE time_8_jumps
    rdcycle a6
1:  j 2f
    nop
2:  j 3f
    nop
3:  j 4f
    nop
4:  j 5f
    nop
5:  j 6f
    nop
6:  j 7f
    nop
7:  j 8f
    nop
8:  j 9f
    nop
9:  addi a1, a1, -1
    bnez a1, 1b
    rdcycle a7
    sub a0, a7, a6
    ret

/*
 * A branch on bits of an xorshift generator: a2 its seed, a3 the mask of the bits, a4 what they are
 * compared with. With mask 0 the branch always goes the same way.
 */
SEQUENCE time_branch
    li a5, 0
    rdcycle a6
1:  slli t0, a2, 13
    xor a2, a2, t0
    srli t0, a2, 7
    xor a2, a2, t0
    slli t0, a2, 17
    xor a2, a2, t0
    srli t1, a2, 11
    and t1, t1, a3
    xor t1, t1, a4
    bnez t1, 2f
    addi a5, a5, 1
2:  addi a1, a1, -1
    bnez a1, 1b
    rdcycle a7
    sub a0, a7, a6
    mv a1, a5
    ret

/* An indirect jump to one target (a2 zero) or to two in turn. */
SEQUENCE time_indirect_jump
    la t5, 2f
    la t1, 3f
    mv t3, t5
    beqz a2, 0f
    mv t3, t1
0:  xor t4, t5, t3
    rdcycle a6
1:  jr t5
    nop
2:  xor t5, t5, t4
    addi a1, a1, -1
    bnez a1, 1b
    j 4f
    nop
3:  xor t5, t5, t4
    addi a1, a1, -1
    bnez a1, 1b
4:  rdcycle a7
    sub a0, a7, a6
    ret

/* The same without compressed instructions, targets in lines of their own. */
.option push
.option norvc

SEQUENCE time_call_norvc
    mv t2, ra
    rdcycle a6
1:  jal ra, 9f
    addi a1, a1, -1
    bnez a1, 1b
    rdcycle a7
    mv ra, t2
    sub a0, a7, a6
    ret
.balign 64
9:  ret

SEQUENCE time_indirect_jump_norvc
    la t5, 2f
    la t1, 3f
    mv t3, t5
    beqz a2, 0f
    mv t3, t1
0:  xor t4, t5, t3
    rdcycle a6
.balign 64
1:  xor t5, t5, t4
    nop
    nop
    nop
    jr t5
.balign 64
2:  addi a1, a1, -1
    bnez a1, 1b
    j 4f
.balign 64
3:  addi a1, a1, -1
    bnez a1, 1b
.balign 64
4:  rdcycle a7
    sub a0, a7, a6
    ret

.option pop
