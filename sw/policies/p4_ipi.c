// P4-ipi: P4, and all harts fence the three pages when they are unmapped, before anybody gets them.
//
// So no hart has a translation of them when they are mapped again, and the fence there is for
// invalid entries that the hart may remember. Interrupts are off while the others are waited for;
// no lock is held.
//
// several harts: on one it is P4.
#ifndef __ASSEMBLER__
#include "kernel/ipi.h"
#include "policies/p4.h"

static inline void fence_after_unmap(struct thread* t) {
    flush_tlb_kernel_range(t->stack, t->stack + DYNAMIC_PAGES * PAGE_SIZE);
}

PROBED void policy_unmap(struct thread* t) { unmap_to(t, t->policy[ORIGIN]); }

bool policy_switch_in(struct thread* next) {
    map_at_first_run(next);
    return true;
}
#endif
