// P2: map at switch-in, and after the switch take back what was not accessed, with plain loads and
// stores.
//
// Between the load that finds A clear and the store that takes the entry away, the walker of
// another hart may set A, if that hart uses an object on this stack: the page goes, and the hart
// has a translation of it. P2-atomic has no such gap.
#include "policies/p2.h"

#ifndef __ASSEMBLER__

void policy_thread_create(struct thread* t) {
    kstack_populate(t, 1);
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
