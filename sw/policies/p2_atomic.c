// P2-atomic: P2, and an entry is taken away by an AMO, which returns an A bit that the walker of
// another hart has just set. Such an entry is put back. Meanwhile that hart may find it invalid:
// in this kernel a hart that does not run the thread reads nothing of its stack but the entry of a
// wait queue, whose page has its A bit set, and is not taken.
#include "policies/p2.h"

#ifndef __ASSEMBLER__

void policy_thread_create(struct thread* t) {
    kstack_populate(t, 1);
    accessed_init_thread(t);
}

static inline paddr_t clear_if_not_accessed(pte_t* pte) {
    if (*pte & PTE_A) {
        return NO_PAGE;
    }
    pte_t old = __atomic_exchange_n(pte, 0, __ATOMIC_RELAXED);
    if (unlikely(old & PTE_A)) {
        *pte = old;
        return NO_PAGE;
    }
    return pte_page(old);
}

#endif
