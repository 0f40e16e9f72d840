// S-mode trap entry and exit, in the order of Linux's arch/riscv/kernel/entry.S.
//
// sscratch holds the current thread while user code runs and 0 while the kernel does; tp is the
// current thread while the kernel runs. Between `csrw sscratch, tp` on the way out and `csrw
// sscratch, x0` on the way in the kernel must not trap: it would be taken for user code. All that
// happens there on the stack is in the frame of a trap from user mode, at the top of the topmost
// page, which no policy ever unmaps; and in frames that the checks of the kernel path have found
// to be mapped.
#include "asm-offsets.h"
#include "memory_layout.h"
#include "riscv.h"
#include POLICY_FILE

#ifndef POLICY_ENTRY_KERNEL
#define POLICY_ENTRY_KERNEL
#define POLICY_ENTRY_OUT_OF_LINE
#endif

#define NR_EXCEPTIONS 16

    .text
    .globl handle_exception
    .balign 64
handle_exception:
    csrrw tp, sscratch, tp
    bnez tp, save_context

    // from the kernel
    csrr tp, sscratch
    sd sp, THREAD_KERNEL_SP(tp)
    // VMAP_STACK: stacks are 16 KiB aligned to 32 KiB, so bit 14 is clear as long as the frame
    // still fits. No register but sp is free, and nothing may be stored on the stack yet.
    addi sp, sp, -PT_SIZE
    srli sp, sp, THREAD_SHIFT
    andi sp, sp, 1
    bnez sp, handle_kernel_stack_overflow
    ld sp, THREAD_KERNEL_SP(tp)
    POLICY_ENTRY_KERNEL

save_context:
    sd sp, THREAD_USER_SP(tp)
    ld sp, THREAD_KERNEL_SP(tp)
    addi sp, sp, -PT_SIZE
    sd ra, PT_RA(sp)
    sd gp, PT_GP(sp)
    sd t0, PT_T0(sp)
    sd t1, PT_T1(sp)
    sd t2, PT_T2(sp)
    sd s0, PT_S0(sp)
    sd s1, PT_S1(sp)
    sd a0, PT_A0(sp)
    sd a1, PT_A1(sp)
    sd a2, PT_A2(sp)
    sd a3, PT_A3(sp)
    sd a4, PT_A4(sp)
    sd a5, PT_A5(sp)
    sd a6, PT_A6(sp)
    sd a7, PT_A7(sp)
    sd s2, PT_S2(sp)
    sd s3, PT_S3(sp)
    sd s4, PT_S4(sp)
    sd s5, PT_S5(sp)
    sd s6, PT_S6(sp)
    sd s7, PT_S7(sp)
    sd s8, PT_S8(sp)
    sd s9, PT_S9(sp)
    sd s10, PT_S10(sp)
    sd s11, PT_S11(sp)
    sd t3, PT_T3(sp)
    sd t4, PT_T4(sp)
    sd t5, PT_T5(sp)
    sd t6, PT_T6(sp)

    // no access to user memory, no floating point in the kernel
    li t0, SSTATUS_SUM | SSTATUS_FS
    ld s0, THREAD_USER_SP(tp)
    csrrc s1, sstatus, t0
    csrr s2, sepc
    csrr s3, stval
    csrr s4, scause
    csrr s5, sscratch
    sd s0, PT_SP(sp)
    sd s1, PT_STATUS(sp)
    sd s2, PT_EPC(sp)
    sd s3, PT_BADADDR(sp)
    sd s4, PT_CAUSE(sp)
    sd s5, PT_TP(sp)

    // from here on a trap comes from the kernel
    csrw sscratch, x0

    .globl trap_entry_done
trap_entry_done:
    mv a0, sp
    la ra, ret_from_exception
    bgez s4, 1f
    tail do_interrupt

1:  li t0, NR_EXCEPTIONS
    bgeu s4, t0, 2f
    slli t0, s4, 3
    la t1, exception_table
    add t0, t0, t1
    ld t0, 0(t0)
    jr t0
2:  tail do_unexpected_trap

// a system call passes syscall_done once, on its way back
handle_ecall_from_user:
    call do_ecall_from_user
    .globl syscall_done
syscall_done:
    j ret_from_exception

    .globl ret_from_exception
    .balign 4
ret_from_exception:
    ld s0, PT_STATUS(sp)
    andi s0, s0, SSTATUS_SPP
    bnez s0, 1f

    // to user mode: where the next trap finds the kernel stack and the thread
    addi s0, sp, PT_SIZE
    sd s0, THREAD_KERNEL_SP(tp)
    csrw sscratch, tp
1:
    ld a0, PT_STATUS(sp)
    ld a2, PT_EPC(sp)
    // drops a reservation that the interrupted code may hold; stores what is there already
    .if PT_EPC != 0
    .error "sc.d takes no offset: epc must be the first word of pt_regs"
    .endif
    sc.d x0, a2, (sp)
    csrw sstatus, a0
    csrw sepc, a2

    ld ra, PT_RA(sp)
    ld gp, PT_GP(sp)
    ld tp, PT_TP(sp)
    ld t0, PT_T0(sp)
    ld t1, PT_T1(sp)
    ld t2, PT_T2(sp)
    ld s0, PT_S0(sp)
    ld s1, PT_S1(sp)
    ld a0, PT_A0(sp)
    ld a1, PT_A1(sp)
    ld a2, PT_A2(sp)
    ld a3, PT_A3(sp)
    ld a4, PT_A4(sp)
    ld a5, PT_A5(sp)
    ld a6, PT_A6(sp)
    ld a7, PT_A7(sp)
    ld s2, PT_S2(sp)
    ld s3, PT_S3(sp)
    ld s4, PT_S4(sp)
    ld s5, PT_S5(sp)
    ld s6, PT_S6(sp)
    ld s7, PT_S7(sp)
    ld s8, PT_S8(sp)
    ld s9, PT_S9(sp)
    ld s10, PT_S10(sp)
    ld s11, PT_S11(sp)
    ld t3, PT_T3(sp)
    ld t4, PT_T4(sp)
    ld t5, PT_T5(sp)
    ld t6, PT_T6(sp)
    ld sp, PT_SP(sp)
    .globl trap_exit_sret
trap_exit_sret:
    sret

// The frame does not fit any more. The run ends here: on the overflow stack of the hart, with
// sscratch saying kernel, so that a fault in the message does not loop.
handle_kernel_stack_overflow:
    csrw sscratch, x0
    ld a0, THREAD_KERNEL_SP(tp)
    ld sp, THREAD_HART(tp)
    ld sp, HART_OVERFLOW_STACK(sp)
    tail kernel_stack_overflow

    POLICY_ENTRY_OUT_OF_LINE

    .section .rodata.exception_table, "a"
    .balign 8
exception_table:
    .dword do_unexpected_trap           // instruction address misaligned
    .dword do_unexpected_trap           // instruction access fault
    .dword do_unexpected_trap           // illegal instruction
    .dword do_unexpected_trap           // breakpoint
    .dword do_unexpected_trap           // load address misaligned
    .dword do_unexpected_trap           // load access fault
    .dword do_unexpected_trap           // store address misaligned
    .dword do_unexpected_trap           // store access fault
    .dword handle_ecall_from_user
    .dword do_unexpected_trap           // ecall from S-mode
    .dword do_unexpected_trap           // reserved
    .dword do_unexpected_trap           // ecall from M-mode
    .dword do_page_fault                // instruction
    .dword do_page_fault                // load
    .dword do_unexpected_trap           // reserved
    .dword do_page_fault                // store
    .if . - exception_table != 8 * NR_EXCEPTIONS
    .error "the exception table has another number of entries"
    .endif
