// What P5 and its variants share: code that needs more stack says so, at a point where it may
// sleep, and may be told that there is none. Without that a thread has its topmost page, and the
// pages below are guards: no trap needs a check.
//
// What is asked for is the depth of the call itself; an interrupt may arrive at the bottom of it,
// and has MARGIN. Calls that fit the topmost page do not ask.
//
// Mapping fences on this hart, for invalid entries that it may remember. Other harts fence the
// stack before the thread runs there (stack_fenced_on), so what it finds there later is the same
// pages.
#pragma once

#include "kernel/console.h"
#include "kernel/kstack.h"
#include "kernel/page_cache.h"
#include "kernel/policy.h"
#include "kernel/timer.h"
#include "kernel/workload.h"

#define DYNAMIC_PAGES 3
#define MARGIN 1024
#define WAIT_TICKS 100
#define TRIES 4
#define MOST_REFUSALS 1000

// words of thread.policy
#define MISSING 0  // pages that are not mapped, counted from the lowest; kernel threads: none
#define REFUSED 1  // times in a row that a request was refused

void policy_init_hart(struct hart* hart) { page_cache_refill(hart->id); }

void policy_thread_create(struct thread* t) {
    kstack_populate(t, 1);
    t->policy[MISSING] = DYNAMIC_PAGES;
}

// Maps pages until `missing` are left. False: not enough pages, and nothing has changed. Interrupts
// are off.
PROBED bool policy_map(struct thread* t, u64 missing) {
    u64 hart = t->hart->id;
    u64 end = t->policy[MISSING];
    if (unlikely(page_cache_count[hart].value < end - missing)) {
        page_cache_refill(hart);
        if (page_cache_count[hart].value < end - missing) {
            return false;
        }
    }
    const paddr_t* page = page_cache_take(hart, end - missing);
    for (u64 i = missing; i < end; i++) {
        if (unlikely(workload_zero_pages)) {
            page_zero(*page);
        }
        t->stack_ptes[i] = pte_make(*page++, PAGE_KERNEL);
    }
    t->policy[MISSING] = missing;
    t->stack_fenced_on = 1 << hart;
    local_flush_tlb_kernel_range(t->stack + missing * PAGE_SIZE, t->stack + end * PAGE_SIZE);
    return true;
}

// The call of this thread may use all but so many pages from now on.
static inline void promise(struct thread* t, u64 missing);

// Sleeps for pages a few times, and then says no. Who asks again for ever ends the run.
static __attribute__((noinline)) bool grow(struct thread* t, u64 missing) {
    for (u64 tries = 0; tries < TRIES; tries++) {
        local_irq_disable();
        bool enough = policy_map(t, missing);
        local_irq_enable();
        if (enough) {
            t->policy[REFUSED] = 0;
            return true;
        }
        sleep_until(time_now() + WAIT_TICKS, 0);
    }
    if (++t->policy[REFUSED] > MOST_REFUSALS) {
        panic("no page left for the kernel stack of thread %u", (u64)t->index);
    }
    return false;
}

// Interrupts are on.
bool policy_ensure(struct thread* t, u64 bytes) {
    u64 needed = (bytes + MARGIN + PAGE_SIZE - 1) / PAGE_SIZE;
    u64 missing = needed < THREAD_PAGES ? THREAD_PAGES - needed : 0;
    if (unlikely(missing < t->policy[MISSING])) {
        promise(t, DYNAMIC_PAGES);  // who waits for pages does not hold on to others
        if (!grow(t, missing)) {
            return false;
        }
    }
    promise(t, missing);
    return true;
}
