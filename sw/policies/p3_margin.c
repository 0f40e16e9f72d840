// P3-margin: P3 for generic code, which cannot run after the stack has changed: before the switch,
// what lies below sp minus 1 KiB is freed.
//
// From there to the change of the stack the kernel uses less than the margin: interrupts are off,
// and a call of the SBI has a stack of its own. It is a guess about the compiler's frames all the
// same, and keeps a page more wherever sp is less than the margin above the end of one.
#ifndef __ASSEMBLER__
#include "policies/p3.h"

#define MARGIN 1024

bool policy_switch_in(struct thread* next) {
    if (next->policy[MISSING] && !policy_map(next)) {
        panic("no page left for the kernel stack of thread %u", (u64)next->index);
    }
    return true;
}

void policy_switch_out(struct thread* prev) {
    u64 sp = (u64)__builtin_frame_address(0);
    if (sp - prev->stack > MARGIN) {
        unmap_below(prev, sp - MARGIN);
    }
}
#endif
