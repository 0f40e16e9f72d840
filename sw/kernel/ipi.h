// Interrupts between harts, and the fences that need them.
#pragma once

#include "sched.h"

// what one hart wants of another; bits of hart.ipi_pending.
#define IPI_RESCHEDULE 1  // look at the run queues
#define IPI_FENCE 2       // do the fences of the harts in hart.fences_from

void ipi_send(u64 kinds, u64 hart);
void ipi_receive(u64 kinds);

// the software interrupt.
void ipi_interrupt(void);

// Returns when the harts of `mask`, of which this is none, have fenced the range in all address
// spaces. The caller holds no lock.
void remote_fence(u64 mask, u64 start, u64 end);

// the same on all harts, this one too.
void flush_tlb_kernel_range(u64 start, u64 end);
void flush_tlb_all(void);
