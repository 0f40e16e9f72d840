// What policies share that refuse to run a thread whose stack they cannot complete. The scheduler
// looks for another; the thread stays in its run queue, and is asked about again each time.
//
// While some hart is short of pages, the others keep none for themselves: their caches go to the
// pool whenever they idle or take pages back. A hart that refuses all it has is idle, looks again
// and again, and interrupts idle harts that still have pages. When no hart runs a thread, or waits
// for a timer, or has a page left, nothing can change any more: that ends the run.
#pragma once

#include "kernel/console.h"
#include "kernel/ipi.h"
#include "kernel/page_cache.h"
#include "kernel/policy.h"
#include "kernel/smp.h"
#include "kernel/timer.h"

// A thread may be on its way from one hart to another, seen by none: look for so many ticks.
#define STARVED_TICKS 10000

static u64 harts_short;  // those that have refused a thread, and none since has got its pages
static u64 starved_since[NR_HARTS];

// The variant's: completes the stack, or changes nothing and returns false.
bool policy_map(struct thread* t);

static __attribute__((noinline)) void set_short(u64 hart, bool is_short) {
    u64 bit = UL(1) << hart;
    if (is_short) {
        __atomic_fetch_or(&harts_short, bit, __ATOMIC_RELAXED);
    } else {
        __atomic_fetch_and(&harts_short, ~bit, __ATOMIC_RELAXED);
    }
}

static inline bool some_hart_is_short(void) {
    return __atomic_load_n(&harts_short, __ATOMIC_RELAXED);
}

static inline bool admit(struct thread* t) {
    bool complete = policy_map(t);
    if (unlikely(!complete || some_hart_is_short())) {
        set_short(this_hart()->id, !complete);
    }
    return complete;
}

static bool nothing_can_change(void) {
    for (u64 id = 0; id < nr_harts; id++) {
        struct hart* hart = &harts[id];
        if (__atomic_load_n(&hart->running, __ATOMIC_RELAXED) != hart->idle || hart->nr_timers ||
            page_cache_count[id].value) {
            return false;
        }
    }
    return true;
}

static __attribute__((noinline)) void idle_while_short(struct hart* hart) {
    page_cache_drain_all(hart->id);
    if (!(harts_short & UL(1) << hart->id)) {
        return;
    }
    if (!hart->queue_head) {
        set_short(hart->id, false);  // another hart has pulled what was refused here
        return;
    }
    if (policy_reclaim(THREAD_PAGES)) {
        return;
    }
    for (u64 id = 0; id < nr_harts; id++) {
        if (page_cache_count[id].value && harts[id].running == harts[id].idle) {
            ipi_send(IPI_RESCHEDULE, id);
        }
    }
    if (!nothing_can_change()) {
        starved_since[hart->id] = 0;
    } else if (!starved_since[hart->id]) {
        starved_since[hart->id] = time_now();
    } else if (time_now() - starved_since[hart->id] > STARVED_TICKS) {
        panic("no page left for the kernel stack of thread %u", (u64)hart->queue_head->index);
    }
}

void policy_idle(struct hart* hart) {
    if (unlikely(some_hart_is_short())) {
        idle_while_short(hart);
    }
}

// After pages went to the cache.
static inline void share_if_short(void) {
    if (unlikely(some_hart_is_short())) {
        page_cache_drain_all(this_hart()->id);
    }
}
