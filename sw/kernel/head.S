// Where M-mode leaves off: S-mode, no translation, a0 is the hart's number.
#include "asm-offsets.h"

    .section .text.head, "ax"
    .globl kernel_entry
kernel_entry:
    csrw sie, zero
    csrw sscratch, zero         // traps from here on come from the kernel
    la t0, handle_exception
    csrw stvec, t0
    la sp, boot_stack_top
    la tp, idle_threads         // hart 0's
    call kernel_main

// Where a hart begins that another one started: a1 is its idle thread.
    .globl secondary_entry
    .balign 4
secondary_entry:
    csrw sie, zero
    csrw sscratch, zero
    la t0, handle_exception
    csrw stvec, t0
    mv tp, a1
    la t0, kernel_satp
    ld t0, 0(t0)
    csrw satp, t0
    sfence.vma
    ld sp, THREAD_KERNEL_SP(tp)
    addi sp, sp, -PT_SIZE
    call secondary_main

// void continue_on(u64 sp, void (*function)(void)): goes on on another stack.
    .globl continue_on
continue_on:
    mv sp, a0
    jr a1

// The overflow check of handle_exception wants bit 14 of sp clear.
    .section .bss.boot_stack, "aw", @nobits
    .balign 0x8000
    .skip 0x2000
boot_stack_top:
