// A scan of the threads that sleep on this hart until a time, from its tick, for policies that
// collect pages in the background: what is unmapped is fenced on all harts at once, and then freed.
#pragma once

#include "kernel/ipi.h"
#include "kernel/kstack.h"
#include "kernel/policy.h"

// Small, for it lies on the stack of whoever was interrupted. The next scan goes on.
#define BATCH 8

struct batch {
    paddr_t page[BATCH];
    u64 count;
    u64 start, end;  // addresses, from the lowest to the highest
};

// The variant's: looks at one sleeper. True: entries have changed.
static inline bool scan_thread(struct thread* t, struct batch* batch);

static inline void batch_fence(struct batch* batch, u64 va) {
    batch->start = va < batch->start ? va : batch->start;
    batch->end = va + PAGE_SIZE > batch->end ? va + PAGE_SIZE : batch->end;
}

static inline void batch_unmap(struct batch* batch, struct thread* t, u64 va) {
    pte_t* pte = &t->stack_ptes[(va - t->stack) / PAGE_SIZE];
    batch->page[batch->count++] = pte_page(*pte);
    *pte = 0;
    batch_fence(batch, va);
}

// In the timer interrupt: no lock is held.
PROBED void policy_periodic_scan(void) {
    struct hart* hart = this_hart();
    struct batch batch;  // an initializer would clear the pages, too, at every tick
    batch.count = 0;
    batch.start = ~UL(0);
    batch.end = 0;
    bool changed = false;
    for (u32 i = 0; i < hart->nr_timers && batch.count + THREAD_PAGES - 1 <= BATCH; i++) {
        struct thread* t = hart->timers[i];
        if (t->state == THREAD_SLEEPING && !t->kernel_thread) {
            changed |= scan_thread(t, &batch);
        }
    }
    if (changed) {
        flush_tlb_kernel_range(batch.start, batch.end);
    }
    while (batch.count) {
        page_free(batch.page[--batch.count]);
    }
}
