// P6-entry: one probe in each system call and user page fault, as soon as interrupts are on: of a
// page below sp, which is then there for all that follows. Calls that go deeper fault as under P1.
#include "policies/p6.h"

#ifndef __ASSEMBLER__

bool policy_ensure(struct thread* t, u64 bytes) {
    (void)t;
    (void)bytes;
    stack_probe(PROBE_PAGE);
    return true;
}

#endif
