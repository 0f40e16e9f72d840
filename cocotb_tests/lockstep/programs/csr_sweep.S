// Every CSR number in every mode: reads it, writes ones, reads that, and puts the old value back.
// S- and U-mode do so once with all counters hidden and once with all shown.
    .section .text.start, "ax"
    .globl  _start
    .option norvc
_start:
    la      t0, handler
    csrw    mtvec, t0
    li      s1, -1
    csrw    pmpaddr0, s1        // everything is open, and stays so: the entry is locked
    li      t0, 0x9f
    csrw    pmpcfg0, t0
    call    sweep               // M

    li      s2, 1 << 11         // mstatus.MPP: S, then U
next_mode:
    csrw    mcounteren, zero
    csrw    scounteren, zero
    call    sweep_below
    csrw    mcounteren, s1
    csrw    scounteren, s1
    call    sweep_below
    bnez    s2, 1f
    li      t0, 1
    la      t1, tohost
    sd      t0, 0(t1)
0:  j       0b
1:  li      s2, 0
    j       next_mode

// Calls sweep in the mode of s2.
sweep_below:
    mv      s3, ra
    li      t0, 3 << 11
    csrc    mstatus, t0
    csrs    mstatus, s2
    la      t0, sweep
    csrw    mepc, t0
    la      ra, 1f
    mret
1:  ecall                       // its handler goes on in M-mode, here
    mv      ra, s3
    ret

// An ecall returns to the instruction behind it in M-mode, any other trap in the mode that it
// came from.
    .balign 4
handler:
    csrr    t3, mepc
    addi    t3, t3, 4
    csrw    mepc, t3
    csrr    t3, mcause
    csrr    t4, mtval
    li      t4, 2
    beq     t3, t4, 1f
    li      t4, 3 << 11
    csrs    mstatus, t4
1:  mret

// The handler's address must stay in mtvec, so its writes are left out; stvec is not used.
    .macro one number
    csrr    t0, \number
    .if \number != 0x305
    csrrw   t1, \number, s1
    csrr    t1, \number
    csrw    \number, t0
    .endif
    .endm

    .altmacro
    .macro sixteen base
    .set    number, \base
    .rept   16
    one     %number
    .set    number, number + 1
    .endr
    .endm

sweep:
    .set    base, 0
    .rept   256
    sixteen %base
    .set    base, base + 16
    .endr
    ret

    .section .data
    .balign 64
    .globl  tohost
tohost:
    .dword  0
