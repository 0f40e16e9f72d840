// What P1 and its variants share: grow on fault, from an array of pages that the hart holds ready.
// A user thread starts with its topmost page. The array is filled again when the thread is switched
// out, from the page pool; a refill that fails leaves it short, and the next one tries again.
//
// A hart may have cached the invalid entry that the fault met, hence the fence after mapping. Other
// harts fence the stack before the thread runs there for the first time since (stack_fenced_on):
// none meets an invalid entry that it remembers, which the comparison at the entry would not find.
//
// A variant defines where a stack fault gets its pages, and what is filled again when.
#pragma once

#include "policies/stack_fault.h"

#ifndef __ASSEMBLER__
#include "kernel/console.h"
#include "kernel/kstack.h"
#include "kernel/page_cache.h"
#include "kernel/policy.h"

#define DYNAMIC_PAGES 3  // of a thread, below its topmost one

// words of thread.policy
#define GREW 0  // pages were taken from the hart's array since the thread was switched in

// The variant's: fills what stack faults of the hart take pages from, as far as the pool goes.
static inline void refill(u64 hart);

// The variant's: a page for a stack fault. NO_PAGE ends the run.
static inline paddr_t take_page(u64 hart);

void policy_init_hart(struct hart* hart) { refill(hart->id); }

void policy_thread_create(struct thread* t) {
    kstack_populate(t, 1);
    t->stack_limit = stack_top(t) - PAGE_SIZE + sizeof(struct pt_regs);
}

// Maps the pages from `low` up to those that are mapped.
PROBED void policy_map(struct thread* t, u64 low, u64 lowest_mapped) {
    pte_t* ptes = t->stack_ptes;
    u64 hart = t->hart->id;
    for (u64 va = lowest_mapped - PAGE_SIZE; va >= low; va -= PAGE_SIZE) {
        paddr_t pa = take_page(hart);
        if (pa == NO_PAGE) {
            panic("stack fault: the array of hart %u is used up, thread %u needs a page at %x",
                  hart, (u64)t->index, va);
        }
        ptes[(va - t->stack) / PAGE_SIZE] = pte_make(pa, PAGE_KERNEL);
    }
    local_flush_tlb_kernel_range(low, lowest_mapped);
}

// On the fault stack of the hart.
void grow_stack(struct thread* t, u64 sp) {
    u64 low = lowest_page_of_frame(t, sp);
    policy_map(t, low, t->stack_limit - sizeof(struct pt_regs));
    t->stack_limit = low + sizeof(struct pt_regs);
    t->stack_fenced_on = 1 << t->hart->id;
    t->policy[GREW] = true;
}

static inline void refill_if_grown(struct thread* prev) {
    if (prev->policy[GREW]) {
        prev->policy[GREW] = false;
        refill(prev->hart->id);
    }
}

#endif
