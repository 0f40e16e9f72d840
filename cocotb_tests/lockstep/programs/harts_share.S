// All harts count up three counters, by AMO, by LR and SC, and under a lock, and write words of one
// line that the others read. Hart 0 waits for those that have begun and compares the counters.
#define LOOPS 200
    .globl _start
_start:
    csrr    s0, mhartid
    la      s1, shared
    li      s4, 1
    addi    t1, s1, 40
    amoadd.d x0, s4, (t1)
    li      s2, LOOPS
loop:
    amoadd.d x0, s4, (s1)
    addi    t1, s1, 8
1:  lr.d    t2, (t1)
    add     t2, t2, s4
    sc.d    t3, t2, (t1)
    bnez    t3, 1b
    addi    t1, s1, 16
1:  amoswap.w.aq t3, s4, (t1)
    bnez    t3, 1b
    ld      t4, 24(s1)
    add     t4, t4, s4
    sd      t4, 24(s1)
    fence   rw, w
    amoswap.w.rl x0, x0, (t1)
    slli    t4, s0, 2
    add     t4, t4, s1
    sw      s2, 64(t4)
    ld      t5, 64(s1)
    ld      t6, 72(s1)
    add     s3, s3, t5
    add     s3, s3, t6
    addi    s2, s2, -1
    bnez    s2, loop
    addi    t1, s1, 32
    amoadd.d.rl x0, s4, (t1)
    bnez    s0, done
1:  ld      t2, 32(s1)
    ld      t3, 40(s1)
    bne     t2, t3, 1b
    fence   r, rw
    li      t4, LOOPS
    mul     t4, t4, t3
    ld      t0, 0(s1)
    bne     t0, t4, fail
    ld      t0, 8(s1)
    bne     t0, t4, fail
    ld      t0, 24(s1)
    bne     t0, t4, fail
    la      t1, tohost
    sd      s4, 0(t1)
done:
    j       done
fail:
    li      t0, 3
    la      t1, tohost
    sd      t0, 0(t1)
    j       done

    .data
    .balign 64
    .globl tohost
tohost: .dword 0
    .balign 64
shared: .zero 128
