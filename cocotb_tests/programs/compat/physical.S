// In the manner of riscv-tests' environment `p`: boot code that tries CSRs which need not be there,
// a test that runs in MODE, and a verdict by ecall: the trap handler writes gp to tohost, as two
// words, again and again. CODE is what the verdict is: 1, or a test's number times 2 plus 1.
#define MODE_U 0
#define MODE_S 1
#define MODE_M 3

// What follows may trap, and then goes on behind it.
.macro optional
    la      t0, 1f
    csrw    mtvec, t0
.endm
.macro optional_end
    .balign 4
1:
.endm

    .section .text.init, "ax"
    .balign 64
    .globl  _start
_start:
    j       reset
    .balign 4
trap:
    csrr    t5, mcause
    li      t6, 8                   // ecall from U-, S- or M-mode is the verdict
    beq     t5, t6, verdict
    li      t6, 9
    beq     t5, t6, verdict
    li      t6, 11
    beq     t5, t6, verdict
    ori     gp, gp, 1337
verdict:
    la      t5, tohost
    sw      gp, 0(t5)
    sw      zero, 4(t5)
    j       verdict

reset:
    .irp    n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    li      x\n, 0
    .endr
    csrr    a0, mhartid
1:  bnez    a0, 1b
    optional
    csrwi   0x744, 8                // mnstatus.NMIE of Smrnmi
    optional_end
    optional
    csrwi   satp, 0
    optional_end
    optional
    li      t0, (1 << 53) - 1
    csrw    pmpaddr0, t0
    li      t0, 0x1f
    csrw    pmpcfg0, t0
    optional_end
    csrwi   mie, 0
    optional
    csrwi   medeleg, 0
    csrwi   mideleg, 0
    optional_end
    la      t0, trap
    csrw    mtvec, t0
    li      a0, 1                   // 64-bit registers
    slli    a0, a0, 31
    bgez    a0, 1f
    li      gp, 1337
    j       verdict
1:  csrwi   mstatus, 0
    li      a0, MODE << 11
    csrs    mstatus, a0
    li      a0, 0x22
    csrs    mideleg, a0
    li      a0, 0x2000              // FS, as for a test of floating point
    csrs    mstatus, a0
    la      t0, test
    csrw    mepc, t0
    csrr    a0, mhartid
    mret

    .text
    .balign 4
test:
    la      a0, word
    ld      a1, 0(a0)
    li      a2, 0x0123456789abcdef
    li      gp, 2
    bne     a1, a2, fail
    li      gp, 3
    amoadd.d a3, a1, (a0)
    bne     a3, a2, fail
#if CODE == 1
    fence
    li      gp, 1
    li      a7, 93
    li      a0, 0
    ecall
#else
    li      gp, CODE >> 1
#endif
fail:
    fence
1:  beqz    gp, 1b
    slli    gp, gp, 1
    ori     gp, gp, 1
    li      a7, 93
    addi    a0, gp, 0
    ecall
    unimp

    .section .tohost, "aw", @progbits
    .balign 64
    .globl  tohost
tohost:
    .dword  0
    .size   tohost, 8
    .balign 64
    .globl  fromhost
fromhost:
    .dword  0
    .size   fromhost, 8

    .data
    .balign 8
word:
    .dword  0x0123456789abcdef
