// P4-local: P4, but pages go to the cache of the hart that the thread leaves the kernel on.
// several harts: on one it is P4.
#ifndef __ASSEMBLER__
#include "policies/p4.h"

static inline void fence_after_unmap(struct thread* t) { (void)t; }

PROBED void policy_unmap(struct thread* t) { unmap_to(t, t->hart->id); }

bool policy_switch_in(struct thread* next) {
    map_at_first_run(next);
    return true;
}
#endif
