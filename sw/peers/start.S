/* Every hart enters work(hart) in S-mode with Sv39 on, and stays there. */

#include "peers/layout.h"

.section .text.start
.globl _start
_start:
    csrr a0, mhartid
    la sp, stack_top
    li t0, STACK_BYTES
    mul t1, a0, t0
    sub sp, sp, t1
    li t0, -1
    csrw pmpaddr0, t0
    li t0, 0x1f                 /* NAPOT, R W X */
    csrw pmpcfg0, t0
    li t0, 3 << 11
    csrc mstatus, t0
    li t0, 1 << 11
    csrs mstatus, t0
    la t0, supervisor
    csrw mepc, t0
    mret

/* Tables are written by hart 0; no hart turns translation on before that. */
supervisor:
    la t0, tables_ready
    bnez a0, 1f
    call build_tables           /* keeps a0 */
    li t1, 1
    fence rw, rw
    sd t1, 0(t0)
1:  ld t1, 0(t0)
    beqz t1, 1b
    fence rw, rw
    la t0, root_table
    srli t0, t0, 12
    li t1, 8 << 60
    or t0, t0, t1
    csrw satp, t0
    sfence.vma
    tail work

/* Gigapages for devices and DRAM, and DATA_PAGES pages of 4 KiB from DATA_VIRTUAL on. */
build_tables:
    la t1, root_table
    li t2, PTE_KERNEL
    sd t2, 0(t1)
    li t2, (0x80000 << 10) | PTE_KERNEL
    sd t2, 16(t1)
    la t3, middle_table
    srli t2, t3, 2
    ori t2, t2, PTE_V
    sd t2, 8(t1)
    la t1, leaf_table
    srli t2, t1, 2
    ori t2, t2, PTE_V
    sd t2, 0(t3)
    la t2, data
    srli t2, t2, 2
    ori t2, t2, PTE_DATA
    li t3, DATA_PAGES
1:  sd t2, 0(t1)
    addi t2, t2, 1 << 10
    addi t1, t1, 8
    addi t3, t3, -1
    bnez t3, 1b
    ret

.data
.balign 64
tables_ready:
    .dword 0

.bss
.balign 4096
root_table:
    .skip 4096
middle_table:
    .skip 4096
leaf_table:
    .skip 4096
data:
    .skip DATA_PAGES * 4096
    .skip (MAX_HARTS - 1) * STACK_BYTES
