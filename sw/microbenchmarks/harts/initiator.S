/* Timed sequences of hart 0 while another hart takes part. */

#include "../sequence.inc"

/* a0: address */
SEQUENCE time_load
    rdcycle a2
    ld a1, 0(a0)
    addi a1, a1, 0
    rdcycle a3
    sub a0, a3, a2
    ret

SEQUENCE time_store_fence
    rdcycle a2
    sd x0, 0(a0)
    fence
    rdcycle a3
    sub a0, a3, a2
    ret

/* a1: how many */
SEQUENCE time_amoadds
    rdcycle a2
1:  amoadd.d a4, a1, (a0)
    addi a1, a1, -1
    bnez a1, 1b
    addi a4, a4, 0
    rdcycle a3
    sub a0, a3, a2
    ret

/* a0: the other hart's answer, a1: the number it will have, a2: MSIP, a3: round trip, handler */
SEQUENCE time_interrupt
    li a7, 1
    rdcycle a4
    sw a7, 0(a2)
1:  ld a5, 8(a0)
    bne a5, a1, 1b
    rdcycle a6
    ld t0, 64(a0)
    sub a6, a6, a4
    sd a6, 0(a3)
    sub t0, t0, a4
    sd t0, 8(a3)
    ret

/* S-mode. a1: the number of the answer, a2: the answer, a3: round trip, M, S, fenced */
SEQUENCE time_remote_fence
    li a0, 1
    rdcycle a4
    ecall
    rdcycle a7
1:  ld a5, 8(a2)
    bne a5, a1, 1b
    rdcycle a6
    ld t0, 64(a2)
    ld t1, 80(a2)
    ld t2, 88(a2)
    sub a6, a6, a4
    sd a6, 0(a3)
    sub t0, t0, a4
    sd t0, 8(a3)
    sub t1, t1, a4
    sd t1, 16(a3)
    sub t2, t2, a4
    sd t2, 24(a3)
    ret
