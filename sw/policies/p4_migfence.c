// P4-migfence: P4, and a thread that comes from another hart finds its stack fenced on this one.
// several harts: on one it is P4.
//
// The fence is executed on the stack of the thread before, ahead of the first access to the stack
// that it is for. A thread that runs for the first time maps its pages here, which fences them.
#ifndef __ASSEMBLER__
#include "policies/p4.h"

static inline void fence_after_unmap(struct thread* t) { (void)t; }

PROBED void policy_unmap(struct thread* t) { unmap_to(t, t->policy[ORIGIN]); }

bool policy_switch_in(struct thread* next) {
    if (next->has_run && next->hart != this_hart() && !next->kernel_thread) {
        local_flush_tlb_kernel_range(next->stack, next->stack + DYNAMIC_PAGES * PAGE_SIZE);
    }
    map_at_first_run(next);
    return true;
}
#endif
