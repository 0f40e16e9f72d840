// The harts of the machine that the workload uses, and how they begin.
#pragma once

#include "sched.h"

// harts that run the kernel: 0 to nr_harts - 1.
extern u64 nr_harts;

static inline u64 harts_mask(void) { return (UL(1) << nr_harts) - 1; }

// the number of the hart `further` after that of the thread.
static inline u64 hart_after(const struct thread* t, u64 further) {
    return nr_harts == 1 ? 0 : (t->hart->id + further) % nr_harts;
}

// on the boot hart: starts the others, who wait for smp_begin().
void smp_boot(void);
void smp_begin(void);

// where a hart that was started goes on, on the stack of its idle thread.
void secondary_main(void) __attribute__((noreturn));
