// One page of code that runs in any mode and at any virtual address. The instruction under test
// comes first; arguments in a0 and a1, results in a0 and a1.
    .option norvc
    .text
    .balign 4096
    .globl  snippets, snippets_end
snippets:

.macro snippet name
    .balign 4
    .globl  snippet_\name
snippet_\name:
.endm

snippet ecall
    ecall

    .irp    insn, lb, lh, lw, ld
    snippet \insn
    \insn   a0, 0(a0)
    ecall
    .endr

    .irp    insn, sb, sh, sw, sd
    snippet \insn
    \insn   a1, 0(a0)
    ecall
    .endr

snippet lr
    lr.d    a0, (a0)
    ecall
snippet sc
    sc.d    a0, a1, (a0)
    ecall
snippet lr_sc
    lr.d    a2, (a0)
    sc.d    a0, a1, (a0)
    ecall
snippet amo
    amoadd.d a0, a1, (a0)
    ecall
snippet amo_w
    amoswap.w a0, a1, (a0)
    ecall
snippet jump
    jr      a0
snippet ebreak
    ebreak
    ecall
snippet wfi
    wfi
    ecall
snippet sret
    sret
    ecall
snippet mret
    mret
    ecall
snippet sfence
    sfence.vma
    ecall
snippet read_satp
    csrr    a0, satp
    ecall
snippet write_satp
    csrw    satp, a0
    ecall
snippet unimp
    .word   0xc0001073              // csrrw x0, cycle, x0: the counter is read-only
    ecall
snippet sum_ld                      // the load only, with SUM set around it
    li      a2, 1 << 18
    csrs    sstatus, a2
    ld      a0, 0(a0)
    ecall
snippet mprv_ld                     // M-mode: a1 has the bits of mstatus to set around the load
    csrs    mstatus, a1
    ld      a0, 0(a0)
    ecall
snippet mprv_sd
    csrs    mstatus, a1
    sd      a1, 0(a0)
    ecall
snippet spin                        // until something interrupts
    addi    a0, a0, 1
    j       snippet_spin
snippet c_ebreak
    .2byte  0x9002
snippet c_illegal
    .2byte  0x0000
    .balign 4096
snippets_end:
