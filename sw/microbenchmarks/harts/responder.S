/*
 * Hart 1: does what `request` asks for, until that is 9; then takes interrupts while it spins in
 * M-mode, while it sleeps, and while it spins in S-mode.
 */

.equ STORE, 1
.equ LOAD, 2
.equ ADD, 3

.text
.balign 64
.globl responder
responder:
    li s10, 0x2000004           /* MSIP of hart 1 */
    la s11, answer
    li s9, 0                    /* interrupts taken */
    la t0, request
    li t3, 0                    /* the last request: number << 8 | what */
1:  ld t1, 0(t0)
    srli t2, t1, 8
    beq t2, t3, 1b
    mv t3, t2
    andi t1, t1, 255
    li t4, STORE
    beq t1, t4, 2f
    li t4, LOAD
    beq t1, t4, 3f
    li t4, ADD
    beq t1, t4, 5f
    j 7f

2:  la t5, contended
    sd t3, 0(t5)
    fence
    sd t3, 64(t0)
    j 1b

3:  la t5, contended
    ld t6, 0(t5)
    fence
    sd t3, 64(t0)
    j 1b

5:  la t5, contended
    li t6, 1000
    sd t3, 64(t0)
6:  amoadd.d a0, t6, (t5)
    addi t6, t6, -1
    bnez t6, 6b
    j 1b

7:  la t1, acknowledge_in_m
    csrw mtvec, t1
    li t1, 8
    csrw mie, t1
    csrsi mstatus, 8
    sd t3, 64(t0)
    la t4, stage
5:  ld t1, 0(t4)
    beqz t1, 5b
    li t2, 2
    beq t1, t2, 7f
6:  wfi
    ld t1, 0(t4)
    li t2, 2
    bne t1, t2, 6b

7:  csrci mstatus, 8
    la t1, pass_to_s
    csrw mtvec, t1
    li t1, 2
    csrw mideleg, t1
    la t1, fence_in_s
    csrw stvec, t1
    li t1, 2
    csrs mie, t1
    li t1, 3 << 11
    csrc mstatus, t1
    li t1, 1 << 11 | 1 << 7
    csrs mstatus, t1
    csrsi mstatus, 2
    la t1, one_to_one
    srli t1, t1, 12
    li t2, 8
    slli t2, t2, 60
    or t1, t1, t2
    csrw satp, t1
    sfence.vma
    la t1, 8f
    csrw mepc, t1
    la t4, in_s_mode
    li t1, 1
    sd t1, 0(t4)
    mret
8:  addi t1, t1, 1
    j 8b

.balign 64
acknowledge_in_m:
    csrr s2, mcycle
    sw x0, 0(s10)
    sd s2, 64(s11)
    lw x0, 0(s10)
    addi s9, s9, 1
    fence
    sd s9, 8(s11)
    mret

.balign 64
pass_to_s:
    csrr s2, mcycle
    sw x0, 0(s10)
    lw x0, 0(s10)
    csrsi mip, 2
    mret

.balign 64
fence_in_s:
    rdcycle s3
    csrci sip, 2
    sfence.vma
    rdcycle s4
    sd s2, 64(s11)
    sd s3, 80(s11)
    sd s4, 88(s11)
    addi s9, s9, 1
    fence
    sd s9, 8(s11)
    sret

/*
 * answer: the number of the interrupt at 8; at 64, 80 and 88 when its handlers began and its fence
 * was complete. request: what is asked at 0, the number of the last that is done at 64.
 */
.data
.balign 64
.globl answer, request, contended, stage, in_s_mode
answer:    .zero 192
request:   .zero 128
contended: .zero 64
stage:     .zero 64
in_s_mode: .zero 64
