// What P4 and its variants share: map at kernel entry, unmap at kernel exit. A user thread keeps
// its topmost page; the other three come from the cache of the hart with each entry from user mode,
// and go back to a cache on the way out. A thread that sleeps in the kernel keeps them.
//
// Nothing is fenced when pages go: no one uses the address before the next entry, and that fences
// the range, on its own hart. Interrupts are off in both places, and the frame and the C code up
// to there fit the topmost page.
//
// That argument has a hole. A thread that enters on one hart, sleeps, and goes on on another uses
// the second hart's translations of its stack, which may be from an earlier visit: other pages were
// mapped then, and they belong to somebody else now. P4-migfence closes it.
#pragma once

#include "kernel/console.h"
#include "kernel/kstack.h"
#include "kernel/page_cache.h"
#include "kernel/policy.h"
#include "kernel/workload.h"

#define DYNAMIC_PAGES 3

// words of thread.policy
#define ORIGIN 0  // hart that the three pages came from

void policy_init_hart(struct hart* hart) { page_reserve_refill(hart->id, DYNAMIC_PAGES); }

void policy_thread_create(struct thread* t) { kstack_populate(t, 1); }

static __attribute__((noinline)) void zero_pages(const pte_t* ptes) {
    for (u64 i = 0; i < DYNAMIC_PAGES; i++) {
        page_zero(pte_page(ptes[i]));
    }
}

static inline void map_from_cache(struct thread* t, u64 hart) {
    pte_t* ptes = t->stack_ptes;
    const paddr_t* page = page_cache_take(hart, DYNAMIC_PAGES);
    pte_t pte[DYNAMIC_PAGES];
    for (u64 i = 0; i < DYNAMIC_PAGES; i++) {
        pte[i] = pte_make(page[i], PAGE_KERNEL);
    }
    for (u64 i = 0; i < DYNAMIC_PAGES; i++) {
        ptes[i] = pte[i];
    }
    t->policy[ORIGIN] = hart;
    if (unlikely(workload_zero_pages)) {
        zero_pages(ptes);
    }
    local_flush_tlb_kernel_range(t->stack, t->stack + DYNAMIC_PAGES * PAGE_SIZE);
}

// The cache has too little: from the pool, or, if that is empty too, from the reserve, which lasts
// for one entry.
static __attribute__((noinline)) void replenish_and_map(struct thread* t, u64 hart) {
    page_reserve_refill(hart, DYNAMIC_PAGES);
    page_cache_refill(hart);
    while (page_cache_count[hart].value < DYNAMIC_PAGES) {
        paddr_t pa = page_reserve_take(hart);
        if (pa == NO_PAGE) {
            panic("no page left for the kernel stack of thread %u", (u64)t->index);
        }
        page_cache_put(hart, pa);
    }
    map_from_cache(t, hart);
}

// A thread that is about to be switched in is not yet on this hart.
PROBED void policy_map(struct thread* t) {
    u64 hart = this_hart()->id;
    if (likely(page_cache_count[hart].value >= DYNAMIC_PAGES)) {
        map_from_cache(t, hart);
    } else {
        replenish_and_map(t, hart);
    }
}

// The pages belong to another hart, or the cache has no room.
static __attribute__((noinline)) void put_each(u64 hart, u64 origin, paddr_t a, paddr_t b,
                                               paddr_t c) {
    const paddr_t page[DYNAMIC_PAGES] = {a, b, c};
    for (u64 i = 0; i < DYNAMIC_PAGES; i++) {
        if (origin == hart) {
            page_cache_put(hart, page[i]);
        } else {
            page_cache_return_to(origin, page[i]);
        }
    }
}

// The variant's: after the entries have gone, and before anybody else can get the pages.
static inline void fence_after_unmap(struct thread* t);

// Takes the three pages away and gives them to the cache of the hart `origin`.
static inline void unmap_to(struct thread* t, u64 origin) {
    pte_t* ptes = t->stack_ptes;
    u64 hart = t->hart->id;
    paddr_t page[DYNAMIC_PAGES];
    for (u64 i = 0; i < DYNAMIC_PAGES; i++) {
        page[i] = pte_page(ptes[i]);
        ptes[i] = 0;
    }
    fence_after_unmap(t);
    if (likely(origin == hart && page_cache_has_room(hart, DYNAMIC_PAGES))) {
        paddr_t* to = page_cache_append(hart, DYNAMIC_PAGES);
        for (u64 i = 0; i < DYNAMIC_PAGES; i++) {
            to[i] = page[i];
        }
    } else {
        put_each(hart, origin, page[0], page[1], page[2]);
    }
}

PROBED void policy_unmap(struct thread* t);

void policy_enter_from_user(struct thread* t) { policy_map(t); }

void policy_exit_to_user(struct thread* t) { policy_unmap(t); }

// The first time a thread runs it starts in the kernel: that counts as an entry.
static inline void map_at_first_run(struct thread* next) {
    if (!next->has_run && !next->kernel_thread) {
        policy_map(next);
    }
}

// A user thread dies inside the kernel.
void policy_thread_exit(struct thread* t) {
    if (!t->kernel_thread) {
        policy_unmap(t);
    }
}
