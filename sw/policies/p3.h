// What P3 and its variants share: a thread is switched in with all four pages, and when it is
// switched out, what lies wholly below its stack pointer goes back to the cache of the hart. So
// nothing is missing while a thread runs, and no trap needs a check.
//
// Nothing below the stack pointer of a thread that does not run is alive: the ABI has no red zone.
//
// Nothing is fenced when pages go: nobody uses the address before the thread is switched in, and
// that fences what it maps on this hart. Other harts fence the stack before the thread runs there
// (stack_fenced_on). Against a hart that reads an object on another thread's stack, or walks where
// it was not told to, this does not help.
#pragma once

#include "kernel/console.h"
#include "kernel/kstack.h"
#include "kernel/page_cache.h"
#include "kernel/policy.h"
#include "kernel/workload.h"

#define DYNAMIC_PAGES 3

// words of thread.policy
#define MISSING 0  // pages that are not mapped, counted from the lowest; kernel threads: none

void policy_init_hart(struct hart* hart) { page_cache_refill(hart->id); }

void policy_thread_create(struct thread* t) {
    kstack_populate(t, 1);
    t->policy[MISSING] = DYNAMIC_PAGES;
}

static __attribute__((noinline)) void zero_pages(const pte_t* ptes, u64 count) {
    for (u64 i = 0; i < count; i++) {
        page_zero(pte_page(ptes[i]));
    }
}

// Completes the stack of a thread that is going to run on this hart. False: no pages, and nothing
// has changed.
PROBED bool policy_map(struct thread* t) {
    u64 hart = this_hart()->id;
    u64 count = t->policy[MISSING];
    if (unlikely(page_cache_count[hart].value < count)) {
        page_cache_refill(hart);
        if (page_cache_count[hart].value < count) {
            return false;
        }
    }
    pte_t* ptes = t->stack_ptes;
    const paddr_t* page = page_cache_take(hart, count);
    for (u64 i = 0; i < count; i++) {
        ptes[i] = pte_make(page[i], PAGE_KERNEL);
    }
    t->policy[MISSING] = 0;
    if (unlikely(workload_zero_pages)) {
        zero_pages(ptes, count);
    }
    // where the bit is clear, the scheduler fences the whole stack before the thread runs.
    t->stack_fenced_on &= 1 << hart;
    if (t->stack_fenced_on) {
        local_flush_tlb_kernel_range(t->stack, t->stack + count * PAGE_SIZE);
    }
    return true;
}

// Takes the lowest `count` pages of a thread that has all four.
PROBED void policy_unmap(struct thread* t, u64 count) {
    pte_t* ptes = t->stack_ptes;
    u64 hart = this_hart()->id;
    t->policy[MISSING] = count;
    for (u64 i = 0; i < count; i++) {
        paddr_t pa = pte_page(ptes[i]);
        ptes[i] = 0;
        page_cache_put(hart, pa);
    }
}

// Pages wholly below `sp`, which is in the stack of `t`.
static inline void unmap_below(struct thread* t, u64 sp) {
    u64 count = (sp - t->stack) / PAGE_SIZE;
    if (count && !t->kernel_thread) {
        policy_unmap(t, count);
    }
}
