// The timer of a hart: the tick, and the sleepers in order of their deadlines.
#pragma once

#include "sched.h"

#define NEVER (~UL(0))

static inline u64 time_now(void) { return csr_read(time); }

// to be called with interrupts off.
void timer_add(struct hart* hart, struct thread* t, u64 deadline);
void timer_interrupt(void);
void tick_start(struct hart* hart);
void tick_stop(struct hart* hart);
