/* Timed sequences: fences, TLB misses, and mapping three pages. */

#include "sequence.inc"

/* The fence in a0, and in a1 the load at a0 that follows. */
.macro FENCE_THEN_LOAD name, before, fence:vararg
SEQUENCE \name
    rdcycle \before
    \fence
    rdcycle a3
    ld a1, 0(a0)
    addi a1, a1, 0
    rdcycle a4
    sub a0, a3, \before
    sub a1, a4, a3
    ret
.endm

FENCE_THEN_LOAD time_fence_all, a2, sfence.vma
FENCE_THEN_LOAD time_fence_va, a2, sfence.vma a1
FENCE_THEN_LOAD time_fence_va_asid, a5, sfence.vma a1, a2
FENCE_THEN_LOAD time_fence_asid, a5, sfence.vma x0, a1

SEQUENCE time_8_fence_va
    rdcycle a2
    REPEAT 8, sfence.vma a0
    rdcycle a3
    sub a0, a3, a2
    ret

/* a0: address; a1: kernel address, whose translation is made good before the time starts */
SEQUENCE time_load_after_fence_va
    sfence.vma a0
    ld t0, 0(a1)
    addi t0, t0, 0
    REPEAT 4, nop
    rdcycle a2
    ld a3, 0(a0)
    addi a3, a3, 0
    rdcycle a4
    sub a0, a4, a2
    ret

/* The same; a2: a zero (the list of further addresses to touch first is empty) */
SEQUENCE time_load_after_fence_all
    sfence.vma
    ld t0, 0(a1)
    addi t0, t0, 0
1:  ld t1, 0(a2)
    addi a2, a2, 8
    beqz t1, 2f
    ld t0, 0(t1)
    addi t0, t0, 0
    j 1b
2:
    REPEAT 4, nop
    rdcycle a2
    ld a3, 0(a0)
    addi a3, a3, 0
    rdcycle a4
    sub a0, a4, a2
    ret

/* a0: a function that only returns, on a 4 KiB page */
SEQUENCE time_call
    mv t2, ra
    rdcycle a2
    jalr ra, a0
    rdcycle a4
    mv ra, t2
    sub a0, a4, a2
    ret

.macro CALL_AFTER name, nops, before:vararg
SEQUENCE \name
    mv t2, ra
    \before
    REPEAT \nops, nop
    rdcycle a2
    jalr ra, a0
    rdcycle a4
    mv ra, t2
    sub a0, a4, a2
    ret
.endm

CALL_AFTER time_call_after_fence_va, 8, sfence.vma a0

/* Uncompressed: the fetch has not run ahead into the function when the time starts. */
.option push
.option norvc
CALL_AFTER time_call_norvc_warm, 28, nop
CALL_AFTER time_call_norvc_after_fence_va, 28, sfence.vma a0
CALL_AFTER time_call_norvc_after_fence_all, 28, sfence.vma
.option pop

/*
 * a0: three PTEs in a row, a1: value of the first, a2: address of the first page. The mapping in a0,
 * the touches in a1.
 */
.macro MAP_THREE name, fence_1, fence_2, fence_3, fence_all
SEQUENCE \name
    li t0, 1024
    add a3, a1, t0
    add a4, a3, t0
    li t0, 4096
    add t1, a2, t0
    add t2, t1, t0
    rdcycle a5
    sd a1, 0(a0)
    \fence_1
    sd a3, 8(a0)
    \fence_2
    sd a4, 16(a0)
    \fence_3
    \fence_all
    rdcycle a6
    TOUCH_THREE
    rdcycle a7
    sub a0, a6, a5
    sub a1, a7, a6
    ret
.endm

MAP_THREE time_map_fence_each, "sfence.vma a2", "sfence.vma t1", "sfence.vma t2"
MAP_THREE time_map_fence_all, , , , "sfence.vma"
MAP_THREE time_map_without_fence

SEQUENCE time_touch_three
    li t0, 4096
    add t1, a2, t0
    add t2, t1, t0
    rdcycle a6
    TOUCH_THREE
    rdcycle a7
    sub a0, a7, a6
    ret
