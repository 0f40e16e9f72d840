// A PTE is stored, some instructions later its page is loaded: claim H24.
//
// u64 load_after_<n>(u64 pte_address, u64 pte, u64 page, u64 other): stores to `other`, which keeps
// the PTE waiting where its line is not in the D$, then the PTE, goes on for n cycles and loads.
// Returns the number of faults until the load succeeded: nothing is fenced.
    .macro load_after cycles
    .text
    .balign 64
    .globl load_after_\cycles
load_after_\cycles:
    li a6, 0
    sd zero, 0(a3)
    sd a1, 0(a0)
    .rept \cycles
    nop
    .endr
    ld a7, 0(a2)
    mv a0, a6
    ret
    .endm

    .irp cycles, 0, 1, 2, 4, 8, 16, 32, 64, 128
    load_after \cycles
    .endr

    .balign 64
    .globl count_fault
count_fault:
    addi a6, a6, 1
    sret
