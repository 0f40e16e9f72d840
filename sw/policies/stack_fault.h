// How a trap from the kernel finds out that the stack below it is missing, for all policies that
// grow stacks: a comparison at the entry, and a handler on a stack of the hart. The policy's part
// is grow_stack(), which makes room down to the frame that did not fit.
//
// Why the trap entry survives that the page it wants to write to may be missing:
//
// A trap from user mode puts its frame at the top of the topmost page, which is mapped for life.
// A trap from the kernel puts its frame right below the interrupted sp, wherever that is, and
// there are two ways in which this page can be missing:
//
//  (a) kernel code stored to a stack page that is not mapped. Code stores at or above its sp, so
//      sp itself is below the lowest mapped address: the trap is the page fault, and its frame
//      would fault again.
//  (b) sp is still in a mapped page, but less than a frame above its end, or sp was lowered
//      already and nothing stored yet, when an interrupt or any other trap arrives.
//
// In both sp - PT_SIZE is below the lowest mapped address, and in no other case, as long as pages
// are mapped from the top without holes (P7-accessed may leave some, and then sees a few traps here
// whose frame would have had room). So one comparison, before anything is stored, finds them all.
// It needs no stack: sp is saved in the thread already (Linux does that first), one more register
// goes beside it. Were the store made instead, it would trap with sscratch not yet cleared, be
// taken for a trap from user mode, and go round for ever, scause and sepc of the first lost.
//
// The handler runs on a stack of the hart, because any of the thread's may be missing; interrupts
// are off, it does not sleep and takes no lock, so it may hit inside the scheduler or while the
// page pool is locked (P1-pool and P6 take one, where interrupts were on). sscratch is cleared
// before its first instruction that could be wrong, so that a bug in it becomes a panic. In the end
// `sret` runs the interrupted instruction again: in (a) the store now succeeds; in (b) the
// interrupt is still pending, or the instruction traps as before, and comes back with room for its
// frame. sepc, scause and sstatus were not touched.
//
// Between `ld sp` and `mv tp` of switch_to, tp does not belong to sp. There is no trap there:
// interrupts are off and nothing is stored. The exit sequence writes sscratch and then only reads
// the topmost page, or a frame that was written on the way in.
#pragma once

#ifdef __ASSEMBLER__
// clang-format off

.macro policy_entry_kernel
    sd t0, THREAD_ENTRY_SCRATCH(tp)
    ld t0, THREAD_STACK_LIMIT(tp)
    bltu sp, t0, handle_stack_fault
    ld t0, THREAD_ENTRY_SCRATCH(tp)
.endm
#define POLICY_ENTRY_KERNEL policy_entry_kernel

.macro policy_entry_out_of_line
handle_stack_fault:
    csrw sscratch, x0
    ld sp, THREAD_HART(tp)
    ld sp, HART_FAULT_STACK(sp)
    addi sp, sp, -128
    sd ra, 0(sp)
    sd t1, 8(sp)
    sd t2, 16(sp)
    sd t3, 24(sp)
    sd t4, 32(sp)
    sd t5, 40(sp)
    sd t6, 48(sp)
    sd a0, 56(sp)
    sd a1, 64(sp)
    sd a2, 72(sp)
    sd a3, 80(sp)
    sd a4, 88(sp)
    sd a5, 96(sp)
    sd a6, 104(sp)
    sd a7, 112(sp)
    mv a0, tp
    ld a1, THREAD_KERNEL_SP(tp)
    call grow_stack
    ld ra, 0(sp)
    ld t1, 8(sp)
    ld t2, 16(sp)
    ld t3, 24(sp)
    ld t4, 32(sp)
    ld t5, 40(sp)
    ld t6, 48(sp)
    ld a0, 56(sp)
    ld a1, 64(sp)
    ld a2, 72(sp)
    ld a3, 80(sp)
    ld a4, 88(sp)
    ld a5, 96(sp)
    ld a6, 104(sp)
    ld a7, 112(sp)
    ld t0, THREAD_ENTRY_SCRATCH(tp)
    ld sp, THREAD_KERNEL_SP(tp)
    .globl stack_fault_sret
stack_fault_sret:
    sret
.endm
#define POLICY_ENTRY_OUT_OF_LINE policy_entry_out_of_line

// clang-format on
#else
#include "kernel/console.h"
#include "kernel/thread.h"

// Address of the lowest page that a frame right below `sp` needs; who has left his stack does not
// come back.
static inline u64 lowest_page_of_frame(const struct thread* t, u64 sp) {
    u64 frame = sp - sizeof(struct pt_regs);
    if (frame < t->stack || sp > stack_top(t)) {
        panic("stack fault: sp %x is not in the stack from %x to %x; pc %x, cause %u, tval %x", sp,
              t->stack, stack_top(t), csr_read(sepc), csr_read(scause), csr_read(stval));
    }
    return frame & ~(PAGE_SIZE - 1);
}

// `sp` is that of the interrupted code; what is below `sp - PT_SIZE` need not be there.
void grow_stack(struct thread* t, u64 sp);

#endif
