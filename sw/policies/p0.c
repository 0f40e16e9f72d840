// P0: static, fully populated. What mainline does: all four pages at creation, all freed at exit.
#ifndef __ASSEMBLER__
#include "kernel/kstack.h"
#include "kernel/policy.h"

void policy_thread_create(struct thread* t) { kstack_populate(t, THREAD_PAGES); }
#endif
