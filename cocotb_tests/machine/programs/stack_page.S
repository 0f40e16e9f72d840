// Who may access a stack page before it is mapped, while it is, and after. One global kernel page
// at STACK_PAGE is mapped, unmapped and mapped anew by S-mode code, with and without fences; each
// attempt to use it leaves a pair in `outcomes`: scause (0: none) and the value that was loaded.
#define STACK_PAGE 0xffffffc800003000
#define USER_ALIAS 0x40000000           // of the 1 GiB that begins at DRAM, for U-mode
#define DRAM 0x80000000

#define PTE_V 0x01
#define PTE_KERNEL 0xe7                 // V R W G A D
#define PTE_KERNEL_TEXT 0xef            // with X
#define PTE_USER_TEXT 0xdb              // V R X U A D
#define MEDELEG 0xb1ff
#define SPP 0x100

    // Table `table` gets an entry at `index` for the page at `page`.
    .macro link_table table, index, page, flags
    la      t0, \table
    la      t1, \page
    srli    t1, t1, 2
    ori     t1, t1, \flags
    li      t2, 8 * \index
    add     t0, t0, t2
    sd      t1, 0(t0)
    .endm

    // Runs one instruction, or what lies between, and notes how it ended.
    .macro attempt instruction:vararg
    la      s10, 9f
    li      a0, 0
    li      a1, 0
    \instruction
9:  sd      a0, 0(s9)
    sd      a1, 8(s9)
    addi    s9, s9, 16
    .endm

    .macro attempt_in_user_mode
    la      t0, user_load
    li      t1, DRAM - USER_ALIAS
    sub     t0, t0, t1
    csrw    sepc, t0
    li      t1, SPP
    csrc    sstatus, t1
    attempt sret
    .endm

    .section .text.start, "ax"
    .globl  _start
_start:
    li      t0, -1
    csrw    pmpaddr0, t0
    li      t0, 0x1f
    csrw    pmpcfg0, t0
    la      t0, fail
    csrw    mtvec, t0
    li      t0, MEDELEG
    csrw    medeleg, t0
    link_table root, 288, middle, PTE_V
    link_table middle, 0, leaves, PTE_V
    link_table root, 2, _start, PTE_KERNEL_TEXT
    link_table root, 1, _start, PTE_USER_TEXT
    la      t0, root
    srli    t0, t0, 12
    li      t1, 8 << 60
    or      t0, t0, t1
    csrw    satp, t0
    sfence.vma
    la      t0, s_trap
    csrw    stvec, t0
    li      t0, 3 << 11
    csrc    mstatus, t0
    li      t0, 1 << 11
    csrs    mstatus, t0
    la      t0, supervisor
    csrw    mepc, t0
    mret

supervisor:
    li      s8, STACK_PAGE
    la      s7, leaves + 3 * 8
    la      s9, outcomes
    la      t0, page_a
    srli    s5, t0, 2
    ori     s5, s5, PTE_KERNEL
    la      t0, page_b
    srli    s6, t0, 2
    ori     s6, s6, PTE_KERNEL

    // not mapped
    attempt ld a1, 0(s8)
    attempt sd s8, 0(s8)
    attempt_in_user_mode

    .globl  map_begin, map_end
map_begin:
    sd      s5, 0(s7)
    sfence.vma s8, x0
map_end:
    attempt ld a1, 0(s8)
    attempt sd s8, 8(s8)
    attempt ld a1, 8(s8)
    attempt_in_user_mode
    attempt jr s8

    // unmapped, but not fenced: the translation may stay
    sd      x0, 0(s7)
    attempt ld a1, 0(s8)
    .globl  invalidate_begin, invalidate_end
invalidate_begin:
    sfence.vma s8, x0
invalidate_end:
    attempt ld a1, 0(s8)
    attempt sd s8, 0(s8)
    attempt_in_user_mode

    // another page, not fenced: the invalid entry may stay
    sd      s6, 0(s7)
    attempt ld a1, 0(s8)
    sfence.vma s8, x0
    attempt ld a1, 0(s8)

    // the first page again; a fence of an address space must leave the global page alone
    sd      s5, 0(s7)
    li      t0, 1
    sfence.vma x0, t0
    attempt ld a1, 0(s8)
    .globl  invalidate_all_begin, invalidate_all_end
invalidate_all_begin:
    sfence.vma
invalidate_all_end:
    attempt ld a1, 0(s8)

    .globl  fault_begin, fault_end
    sd      x0, 0(s7)
    sfence.vma s8, x0
fault_begin:
    attempt ld a1, 0(s8)
fault_end:
    la      t0, outcomes_end
    bne     s9, t0, fail
    .globl  finished
finished:
    j       finished

    // The trap is the outcome, and execution goes on behind the attempt, in S-mode.
    .balign 4
s_trap:
    csrr    a0, scause
    jr      s10

    .balign 4
fail:
    j       fail

user_load:
    ld      a1, 0(s8)
    ecall

    .data
    .balign 4096
root:
    .space  4096
middle:
    .space  4096
leaves:
    .space  4096
page_a:
    .dword  0xaaaaaaaa
    .space  4088
page_b:
    .dword  0xbbbbbbbb
    .space  4088
    .globl  outcomes
outcomes:
    .space  17 * 16
outcomes_end:
