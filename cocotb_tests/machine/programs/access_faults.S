// Every kind of access to every kind of place that does not take it: cause and trap value. Fails
// with the number of the case.
    .equ    FINISHER, 0x100000
    .equ    UART, 0x10000000
    .equ    DRAM_END, 0x88000000
    .equ    LEAF, 0xcf              // D A X W R V
    .equ    TABLE, 8 << 30 | 16 << 21
    .equ    BEHIND_DRAM, TABLE | 24 << 12
    .equ    NOWHERE, TABLE | 25 << 12
    .equ    DEVICE, TABLE | 26 << 12
    .equ    FAR, TABLE | 27 << 12
    .equ    NO_TABLE, 8 << 30 | 17 << 21
    .equ    NO_MIDDLE, 9 << 30

    .equ    FETCH_ACCESS, 1
    .equ    LOAD_ACCESS, 5
    .equ    STORE_ACCESS, 7

    .set    case, 0

    // Data accesses as in S-mode, until the next trap: MPP = S, MPRV.
    .macro  translated
    li      t0, 3 << 11
    csrc    mstatus, t0
    li      t0, 1 << 17 | 1 << 11
    csrs    mstatus, t0
    .endm

    // What follows up to `nor_go_on` traps with this cause; the trap value is in a0.
    .macro  traps cause
    .set    case, case + 1
    li      s0, case
    li      s1, \cause
    la      s2, 9f
    .endm
    .macro  nor_go_on
    j       fail
9:
    .endm

    .macro  data cause, insn:vararg
    traps   \cause
    \insn
    nor_go_on
    .endm

    // All data accesses to the address in a0, which translated as it is.
    .macro  all_data before
    \before
    data    LOAD_ACCESS, ld a1, (a0)
    \before
    data    LOAD_ACCESS, lbu a1, (a0)
    \before
    data    STORE_ACCESS, sd a1, (a0)
    \before
    data    STORE_ACCESS, sh a1, (a0)
    \before
    data    LOAD_ACCESS, lr.w a1, (a0)
    \before
    data    STORE_ACCESS, sc.w a1, a1, (a0)
    \before
    data    STORE_ACCESS, amoadd.d a1, a1, (a0)
    \before
    data    STORE_ACCESS, amomaxu.w a1, a1, (a0)
    .endm

    // A jump to the address in a0, in S-mode.
    .macro  fetch_in_s
    csrw    mepc, a0
    translated
    traps   FETCH_ACCESS
    mret
    nor_go_on
    .endm

    .macro  map index, address
    li      t0, (\address) >> 2 | LEAF
    sd      t0, \index * 8(t1)
    .endm

    .section .text.start, "ax"
    .globl  _start
_start:
    // S-mode may access everything: one entry over all addresses.
    li      t0, -1
    csrw    pmpaddr0, t0
    li      t0, 0x1f
    csrw    pmpcfg0, t0
    la      t0, handler
    csrw    mtvec, t0

    // Without translation.
    .irp    address, 0, 0x80000000 - 64, DRAM_END, 1 << 55 | 0x80000000, 1 << 56 | 0x80000000
    li      a0, \address
    all_data ""
    traps   FETCH_ACCESS
    jr      a0
    nor_go_on
    .endr
    // A device: nothing that is not a plain access of the right size to a register, no fetch.
    li      a0, UART
    data    LOAD_ACCESS, ld a1, (a0)
    data    LOAD_ACCESS, lh a1, (a0)
    data    STORE_ACCESS, sw a1, (a0)
    data    LOAD_ACCESS, lr.w a1, (a0)
    data    STORE_ACCESS, sc.w a1, a1, (a0)
    data    STORE_ACCESS, amoswap.w a1, a1, (a0)
    traps   FETCH_ACCESS
    jr      a0
    nor_go_on
    li      a0, UART + 8
    data    LOAD_ACCESS, lb a1, (a0)
    data    STORE_ACCESS, sb a1, (a0)
    li      a0, UART + 256
    data    LOAD_ACCESS, lb a1, (a0)

    // With translation: the trap value is the virtual address.
    la      t1, root
    la      t2, middle
    srli    t0, t2, 2
    ori     t0, t0, 1
    sd      t0, 8 * 8(t1)
    li      t0, DRAM_END >> 2 | 1
    sd      t0, 9 * 8(t1)
    li      t0, 0x80000000 >> 2 | LEAF
    sd      t0, 2 * 8(t1)
    srli    t1, t1, 12
    li      t0, 8 << 60
    or      s3, t0, t1
    csrw    satp, s3
    la      t1, leaves
    srli    t0, t1, 2
    ori     t0, t0, 1
    sd      t0, 16 * 8(t2)
    li      t0, 1
    sd      t0, 17 * 8(t2)
    map     24, DRAM_END
    map     25, 0
    map     26, UART
    map     27, 1 << 55
    sfence.vma

    .irp    page, BEHIND_DRAM, NOWHERE, FAR, NO_TABLE, NO_MIDDLE
    li      a0, \page + 0x128
    all_data translated
    fetch_in_s
    .endr
    li      a0, DEVICE
    fetch_in_s
    translated
    data    LOAD_ACCESS, lw a1, (a0)
    translated
    data    STORE_ACCESS, sd a1, (a0)
    translated
    data    LOAD_ACCESS, lr.d a1, (a0)
    translated
    data    STORE_ACCESS, sc.d a1, a1, (a0)
    translated
    data    STORE_ACCESS, amoor.w a1, a1, (a0)
    // A register that is there.
    translated
    lbu     a1, 5(a0)
    li      s0, 900
    li      t0, 0x60
    bne     a1, t0, fail

    // A root table outside DRAM.
    li      t0, 1 << 17
    csrc    mstatus, t0
    li      t0, 8 << 60 | DRAM_END >> 12
    csrw    satp, t0
    sfence.vma
    li      a0, BEHIND_DRAM
    all_data translated
    fetch_in_s

    li      t0, 0x5555
    j       end

    .balign 4
handler:
    li      t0, 1 << 17
    csrc    mstatus, t0
    li      t0, 3 << 11
    csrs    mstatus, t0
    csrr    t0, mcause
    bne     t0, s1, fail
    csrr    t0, mtval
    bne     t0, a0, fail
    csrw    mepc, s2
    mret
fail:
    li      t0, 1 << 17
    csrc    mstatus, t0
    slli    t0, s0, 16
    li      t1, 0x3333
    or      t0, t0, t1
end:
    li      t1, FINISHER
    sw      t0, (t1)
1:  j       1b

    .data
    .balign 4096
root:
    .zero   4096
middle:
    .zero   4096
leaves:
    .zero   4096
