/* Timed sequences: loads, stores and atomics on memory whose translation is at hand. */

#include "sequence.inc"

/* a0: address */
SEQUENCE time_load
    rdcycle a2
    ld a1, 0(a0)
    addi a1, a1, 0
    rdcycle a3
    sub a0, a3, a2
    ret

/* a0: a pointer to itself */
SEQUENCE time_64_loads
    rdcycle a2
    REPEAT 64, ld a0, 0(a0)
    addi a0, a0, 0
    rdcycle a3
    sub a0, a3, a2
    ret

/* a0: first element of a ring of pointers, a1: how many to follow */
SEQUENCE time_chase
    rdcycle a2
1:  ld a0, 0(a0)
    addi a1, a1, -1
    bnez a1, 1b
    addi a0, a0, 0
    rdcycle a3
    sub a0, a3, a2
    ret

SEQUENCE time_store_fence
    rdcycle a2
    sd zero, 0(a0)
    fence
    rdcycle a3
    sub a0, a3, a2
    ret

CHAIN time_32_amoswap, 32, amoswap.d x0, a2, (a0)

SEQUENCE time_amoadd
    rdcycle a6
    amoadd.d a1, x0, (a0)
    addi a1, a1, 0
    rdcycle a7
    sub a0, a7, a6
    ret

SEQUENCE time_lr
    rdcycle a6
    lr.d a1, (a0)
    addi a1, a1, 0
    rdcycle a7
    sc.d x0, a1, (a0)
    sub a0, a7, a6
    ret
