// P8: map everything, reclaim what was never touched. A thread is created with four pages; after
// each switch those go back whose A bit is still clear, and before it runs again they are filled
// in. What was accessed once stays for life.
#include "policies/p2.h"

#ifndef __ASSEMBLER__

void policy_thread_create(struct thread* t) {
    kstack_populate(t, THREAD_PAGES);
    for (u64 i = 0; i < DYNAMIC_PAGES; i++) {
        t->stack_ptes[i] &= ~PTE_A;
    }
    local_flush_tlb_kernel_range(t->stack, t->stack + DYNAMIC_PAGES * PAGE_SIZE);
    accessed_init_thread(t);
}

static inline paddr_t clear_if_not_accessed(pte_t* pte) {
    pte_t old = *pte;
    if (old & PTE_A) {
        return NO_PAGE;
    }
    *pte = 0;
    return pte_page(old);
}

#endif
