// void stack_walk(u64 bottom, u64 frame_bytes, void (*at_bottom)(void *), void *argument)
//
// Uses the stack as nested calls do: each frame first lowers sp, then is written; on the way up
// each is read back before sp is raised. Every 16 bytes one word is written, about what a function
// with a frame of that size saves. The word is its address xor the current thread, so that another
// thread's page or another place is noticed.
    .text
    .globl stack_walk
    .balign 4
stack_walk:
    addi sp, sp, -48
    sd ra, 40(sp)
    sd s0, 32(sp)
    sd s1, 24(sp)
    sd s2, 16(sp)
    mv s0, sp                   // above the first frame
    mv s1, a1
    li s2, 0                    // size of the last frame

next_frame:
    bgeu a0, sp, at_bottom
    sub t0, sp, s1
    bgeu t0, a0, 1f
    mv t0, a0                   // what is left is less than a frame
1:  mv t1, sp
    mv sp, t0
    sub s2, t1, t0
2:  addi t1, t1, -16
    xor t2, t1, tp
    sd t2, 8(t1)
    bne t1, sp, 2b
    j next_frame

at_bottom:
    beqz a2, 3f
    mv a0, a3
    jalr a2

3:  beq sp, s0, done
    add t0, sp, s2              // the last frame may be short, all others are whole
    mv s2, s1
    mv t1, sp
4:  ld t2, 8(t1)
    xor t3, t1, tp
    bne t2, t3, lost
    addi t1, t1, 16
    bne t1, t0, 4b
    mv sp, t0
    j 3b

done:
    ld ra, 40(sp)
    ld s0, 32(sp)
    ld s1, 24(sp)
    ld s2, 16(sp)
    addi sp, sp, 48
    ret

lost:
    addi a0, t1, 8
    mv a1, t2
    mv a2, t3
    tail stack_pattern_lost
