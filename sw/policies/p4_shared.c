// P4-shared: P4, and when the three pages are unmapped, the other harts fence them that may have a
// translation: those that have read an object on the stack since it was mapped, as who wakes a
// sleeper reads its entry in a wait queue, and those that the thread has left since. Mostly there
// are none, and nobody is interrupted.
//
// Objects are read under the lock of their queue, and taken out of it under the same lock before
// the owner returns: at the exit all readers are known, and none comes any more. This hart need not
// fence: the thread enters here again, and fences what it maps. Not covered is a hart that walks
// where it was not told to.
//
// several harts: on one it is P4.
#ifndef __ASSEMBLER__
#include "kernel/ipi.h"
#include "policies/p4.h"

// words of thread.policy
#define SHARED_WITH 1  // harts that may have translations, one bit each

void policy_shared(struct thread* owner, u64 hart) {
    __atomic_fetch_or(&owner->policy[SHARED_WITH], UL(1) << hart, __ATOMIC_RELAXED);
}

static inline void fence_after_unmap(struct thread* t) {
    u64 others = t->policy[SHARED_WITH] & ~(UL(1) << t->hart->id);
    t->policy[SHARED_WITH] = 0;
    if (unlikely(others)) {
        remote_fence(others, t->stack, t->stack + DYNAMIC_PAGES * PAGE_SIZE);
    }
}

PROBED void policy_unmap(struct thread* t) { unmap_to(t, t->policy[ORIGIN]); }

// A thread that comes from another hart has used its stack there.
bool policy_switch_in(struct thread* next) {
    if (next->has_run && next->hart != this_hart()) {
        policy_shared(next, next->hart->id);
    }
    map_at_first_run(next);
    return true;
}
#endif
