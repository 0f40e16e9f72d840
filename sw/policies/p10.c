// P10: admission control on top of P3. What cannot be completed is not switched in, and nothing
// fails in the middle of the kernel.
#ifndef __ASSEMBLER__
#include "policies/admission.h"
#include "policies/p3.h"

bool policy_switch_in(struct thread* next) { return !next->policy[MISSING] || admit(next); }

void policy_finish_switch(struct thread* prev) {
    unmap_below(prev, prev->context.sp);
    share_if_short();
}
#endif
