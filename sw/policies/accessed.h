// The A bit of stack pages, for policies that go by it.
//
// With Svadu the walker sets it, and no trap needs a check. Without, the first use of a page whose
// A bit is clear traps, as if the page were missing: the entry finds such pages as it finds missing
// ones (stack_limit), and the handler sets A and D from there up. That is a trap for each first
// use. Other harts fence the stack before the thread runs there (stack_fenced_on): none meets an
// entry that it remembers with A clear.
#pragma once

#include "policies/stack_fault.h"

#ifndef __ASSEMBLER__
#include "kernel/console.h"
#include "kernel/kstack.h"
#include "kernel/policy.h"
#include "kernel/sbi_call.h"

#define DYNAMIC_PAGES 3

#define PAGE_NOT_ACCESSED (PAGE_KERNEL & ~PTE_A)

static bool walker_sets_accessed;  // all harts alike

static inline void accessed_init_hart(void) {
    walker_sets_accessed = sbi_fwft_set(SBI_FWFT_PTE_AD_HW_UPDATING, 1) == SBI_SUCCESS;
}

// Pages below the topmost one have never been accessed.
static inline void accessed_init_thread(struct thread* t) {
    t->stack_limit = walker_sets_accessed ? 0 : stack_top(t) - PAGE_SIZE + sizeof(struct pt_regs);
}

// Gives a new thread all four pages, and none of the lower three has been accessed.
static inline void accessed_populate(struct thread* t) {
    kstack_populate(t, THREAD_PAGES);
    for (u64 i = 0; i < DYNAMIC_PAGES; i++) {
        t->stack_ptes[i] &= ~PTE_A;
    }
    local_flush_tlb_kernel_range(t->stack, t->stack + DYNAMIC_PAGES * PAGE_SIZE);
    accessed_init_thread(t);
}

// On the fault stack of the hart, never with Svadu.
void grow_stack(struct thread* t, u64 sp) {
    u64 low = lowest_page_of_frame(t, sp);
    u64 end = t->stack_limit - sizeof(struct pt_regs);
    for (u64 va = low; va < end; va += PAGE_SIZE) {
        t->stack_ptes[(va - t->stack) / PAGE_SIZE] |= PTE_A | PTE_D;
    }
    local_flush_tlb_kernel_range(low, end);
    t->stack_limit = low + sizeof(struct pt_regs);
    t->stack_fenced_on = 1 << t->hart->id;
}

#endif
