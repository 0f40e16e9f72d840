// What P2, P8 and their variants share: a thread is switched in with all four pages, and after it
// was switched out, a page goes back that nobody has accessed, by its A bit. A page that was
// accessed stays for life: without a look at the stack pointer nobody knows what is alive in it.
//
// Nothing is fenced when pages go. That rests on hardware that remembers no translation of a page
// without setting its A bit, on any hart: speculation that does would let a hart reach a page that
// is somebody else's by then. What is mapped is fenced on this hart, which may have cached that
// there was nothing; other harts fence the stack before the thread runs there (stack_fenced_on).
//
// A thread whose stack cannot be completed is not run.
#pragma once

#include "policies/accessed.h"

#ifndef __ASSEMBLER__
#include "kernel/page_cache.h"
#include "kernel/workload.h"
#include "policies/admission.h"

void policy_init_hart(struct hart* hart) {
    accessed_init_hart();
    page_cache_refill(hart->id);
}

static inline bool is_complete(const struct thread* t) {
    const pte_t* ptes = t->stack_ptes;
    return ptes[0] && ptes[1] && ptes[2];
}

// Maps what is missing in a stack. False: not enough pages, and nothing has changed.
PROBED bool policy_map(struct thread* t) {
    u64 hart = this_hart()->id;
    pte_t* ptes = t->stack_ptes;
    u64 missing = !ptes[0] + !ptes[1] + !ptes[2];
    if (unlikely(page_cache_count[hart].value < missing)) {
        page_cache_refill(hart);
        if (page_cache_count[hart].value < missing) {
            return false;
        }
    }
    const paddr_t* page = page_cache_take(hart, missing);
    u64 low = DYNAMIC_PAGES;
    u64 end = 0;
    for (u64 i = 0; i < DYNAMIC_PAGES; i++) {
        if (!ptes[i]) {
            if (unlikely(workload_zero_pages)) {
                page_zero(*page);
            }
            ptes[i] = pte_make(*page++, PAGE_NOT_ACCESSED);
            low = i < low ? i : low;
            end = i + 1;
        }
    }
    // where the bit is clear, the scheduler fences the whole stack before the thread runs.
    t->stack_fenced_on &= 1 << hart;
    if (t->stack_fenced_on) {
        local_flush_tlb_kernel_range(t->stack + low * PAGE_SIZE, t->stack + end * PAGE_SIZE);
    }
    return true;
}

bool policy_switch_in(struct thread* next) {
    return next->kernel_thread || is_complete(next) || admit(next);
}

// The variant's: takes away an entry without A bit, and returns its page; NO_PAGE, and the entry
// stays, where A is set.
static inline paddr_t clear_if_not_accessed(pte_t* pte);

PROBED void policy_unmap(struct thread* t) {
    u64 hart = this_hart()->id;
    for (u64 i = 0; i < DYNAMIC_PAGES; i++) {
        paddr_t pa = clear_if_not_accessed(&t->stack_ptes[i]);
        if (pa != NO_PAGE) {
            page_cache_put(hart, pa);
        }
    }
    share_if_short();
}

// The run queue is still locked: nobody can run the thread meanwhile.
void policy_finish_switch(struct thread* prev) {
    const pte_t* ptes = prev->stack_ptes;
    if (!prev->kernel_thread && !(ptes[0] & ptes[1] & ptes[2] & PTE_A)) {
        policy_unmap(prev);
    }
}

#endif
