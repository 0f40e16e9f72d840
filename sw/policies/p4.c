// P4: map at kernel entry, unmap at kernel exit, as mailed: pages go back to the hart that they
// came from.
//
// A cache holds nothing but pages of its own hart, so that the hart of the entry is the origin of
// all three: the thread remembers it, and the exit does not look at the pages.
#ifndef __ASSEMBLER__
#include "policies/p4.h"

static inline void fence_after_unmap(struct thread* t) { (void)t; }

PROBED void policy_unmap(struct thread* t) { unmap_to(t, t->policy[ORIGIN]); }

bool policy_switch_in(struct thread* next) {
    map_at_first_run(next);
    return true;
}
#endif
