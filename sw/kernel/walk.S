// void stack_walk(u64 bottom, u64 frame_bytes, void (*at_bottom)(void *), void *argument)
//
// Uses the stack as nested calls do: each frame first lowers sp, then is written; on the way up
// each is read back before sp is raised. Every 16 bytes one word is written, about what a function
// with a frame of that size saves: in blocks of 64 bytes from the top of the frame, the rest word
// by word. A word is the address of its block, or its own, xor the current thread, so that another
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
    addi t3, t0, 64
    bltu t1, t3, 3f
2:  addi t1, t1, -64
    xor t2, t1, tp
    sd t2, 56(t1)
    sd t2, 40(t1)
    sd t2, 24(t1)
    sd t2, 8(t1)
    bgeu t1, t3, 2b
3:  beq t1, sp, next_frame
4:  addi t1, t1, -16
    xor t2, t1, tp
    sd t2, 8(t1)
    bne t1, sp, 4b
    j next_frame

at_bottom:
    beqz a2, verify_frame
    mv a0, a3
    jalr a2

verify_frame:
    beq sp, s0, done
    add t0, sp, s2              // the last frame may be short, all others are whole
    andi t3, s2, 63
    add t3, t3, sp              // where the blocks begin
    mv s2, s1
    mv t1, sp
    beq t1, t3, 2f
1:  ld t2, 8(t1)
    xor t4, t1, tp
    bne t2, t4, lost
    addi t1, t1, 16
    bne t1, t3, 1b
2:  beq t1, t0, 4f
3:  ld t2, 8(t1)
    xor t4, t1, tp
    ld t3, 24(t1)
    ld t5, 40(t1)
    ld t6, 56(t1)
    bne t2, t4, lost_in_block
    bne t3, t4, lost_in_block
    bne t5, t4, lost_in_block
    bne t6, t4, lost_in_block
    addi t1, t1, 64
    bne t1, t0, 3b
4:  mv sp, t0
    j verify_frame

done:
    ld ra, 40(sp)
    ld s0, 32(sp)
    ld s1, 24(sp)
    ld s2, 16(sp)
    addi sp, sp, 48
    ret

    // finds the word; t4 is what all of the block should be
1:  addi t1, t1, 16
lost_in_block:
    ld t2, 8(t1)
    beq t2, t4, 1b
lost:
    addi a0, t1, 8
    mv a1, t2
    mv a2, t4
    addi sp, sp, -16
    sd t0, 0(sp)
    call stack_pattern_lost
    ld sp, 0(sp)
    j verify_frame
