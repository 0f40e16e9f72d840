// P3: complete the stack before a thread is switched in, and free what lies below its saved sp
// after the switch.
//
// Pages are taken after the stack has changed and before the lock of the run queue is released, so
// that nobody can run the thread meanwhile. A thread that cannot be completed ends the run.
#ifndef __ASSEMBLER__
#include "policies/p3.h"

bool policy_switch_in(struct thread* next) {
    if (next->policy[MISSING] && !policy_map(next)) {
        panic("no page left for the kernel stack of thread %u", (u64)next->index);
    }
    return true;
}

void policy_finish_switch(struct thread* prev) { unmap_below(prev, prev->context.sp); }
#endif
