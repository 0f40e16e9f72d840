// P5: an explicit request for stack, of calls that go deep; what they got goes back to the cache of
// the hart when the thread leaves the kernel.
//
// Nothing is fenced then: nobody uses the address before the next request, which fences what it
// maps.
#ifndef __ASSEMBLER__
#include "policies/p5.h"

static inline void promise(struct thread* t, u64 missing) {
    (void)t;
    (void)missing;
}

// Takes the lowest pages that are mapped, and keeps the topmost one.
PROBED void policy_unmap(struct thread* t) {
    u64 hart = this_hart()->id;
    for (u64 i = t->policy[MISSING]; i < DYNAMIC_PAGES; i++) {
        paddr_t pa = pte_page(t->stack_ptes[i]);
        t->stack_ptes[i] = 0;
        page_cache_put(hart, pa);
    }
    t->policy[MISSING] = DYNAMIC_PAGES;
}

static inline void give_back(struct thread* t) {
    if (unlikely(t->policy[MISSING] < DYNAMIC_PAGES) && !t->kernel_thread) {
        policy_unmap(t);
    }
}

void policy_exit_to_user(struct thread* t) { give_back(t); }

void policy_thread_exit(struct thread* t) { give_back(t); }
#endif
