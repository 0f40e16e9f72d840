// P8: map everything, reclaim what was never touched. A thread is created with four pages; after
// each switch those go back whose A bit is still clear, and before it runs again they are filled
// in. What was accessed once stays for life.
#include "policies/p2.h"

#ifndef __ASSEMBLER__

void policy_thread_create(struct thread* t) { accessed_populate(t); }

static inline paddr_t clear_if_not_accessed(pte_t* pte) {
    pte_t old = *pte;
    if (old & PTE_A) {
        return NO_PAGE;
    }
    *pte = 0;
    return pte_page(old);
}

#endif
