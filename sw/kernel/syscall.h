// System calls: the workload's operations, requested from user mode or walked by a kernel thread.
#pragma once

#include "thread.h"

// number in a7, depth, frame bytes, sleep depth, sleep ticks, harts and depth after the sleep in
// a0 to a5; the result in a0.
void system_call(struct thread* t, struct pt_regs* regs);

// what a kernel thread of the workload runs; the argument is the thread.
void kernel_thread_walk_ops(void* argument);
