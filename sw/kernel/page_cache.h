// Stack pages kept near a hart, so that mapping takes no lock. A hart touches its own cache and
// reserve with interrupts off; pages that others return to it arrive in its inbox, under a lock.
//
// The cache is refilled from the page pool and drained to it, a batch at a time. The reserve is
// for what cannot wait for the pool: a policy says how many pages it holds.
#pragma once

#include "pages.h"
#include "sched.h"

#define PAGE_CACHE_BATCH 6
#define PAGE_CACHE_MAX 12
#define PAGE_RESERVE_MAX 6

// One word for each hart, each in a line of its own: other harts keep away from it. Read from
// outside too, so that the rest of the line stays zero.
struct hart_word {
    u64 value;
} __attribute__((aligned(CACHE_LINE)));

// pages in the caches, in the reserves, and in the inboxes.
extern struct hart_word page_cache_count[NR_HARTS];
extern struct hart_word page_reserve_count[NR_HARTS];
extern struct hart_word page_inbox_count[NR_HARTS];

// How pages are pumped: by each hart, pages that it returned to others, refills from the pool, and
// drains to it.
extern struct hart_word page_cache_returned[NR_HARTS];
extern struct hart_word page_cache_refills[NR_HARTS];
extern struct hart_word page_cache_drains[NR_HARTS];

struct page_cache {
    paddr_t page[PAGE_CACHE_MAX];
    paddr_t reserve[PAGE_RESERVE_MAX];
    struct spinlock inbox_lock __attribute__((aligned(CACHE_LINE)));
    u32 inbox;  // index + 1 of the first page
};

extern struct page_cache page_caches[NR_HARTS];

// from the inbox and from the pool, as far as they go.
void page_cache_refill(u64 hart);
void page_reserve_refill(u64 hart, u64 wanted);

// a batch, to the pool; all there is.
void page_cache_drain(u64 hart);
void page_cache_drain_all(u64 hart);

// a page that a stack had: to the reserve if that has room, zeroed if the workload asks for it;
// else to the pool.
void page_reserve_return(u64 hart, paddr_t pa);

// gives a page to the inbox of another hart, the one that it came from.
void page_cache_return_to(u64 origin, paddr_t pa);

// takes `count` pages that are there, and returns where they are listed until the next put.
static inline const paddr_t* page_cache_take(u64 hart, u64 count) {
    page_cache_count[hart].value -= count;
    return &page_caches[hart].page[page_cache_count[hart].value];
}

static inline bool page_cache_has_room(u64 hart, u64 count) {
    return page_cache_count[hart].value + count <= PAGE_CACHE_MAX;
}

// where to list `count` pages that are put into a cache with room for them.
static inline paddr_t* page_cache_append(u64 hart, u64 count) {
    u64 first = page_cache_count[hart].value;
    page_cache_count[hart].value = first + count;
    return &page_caches[hart].page[first];
}

static inline void page_cache_put(u64 hart, paddr_t pa) {
    if (!page_cache_has_room(hart, 1)) {
        page_cache_drain(hart);
    }
    *page_cache_append(hart, 1) = pa;
}

// NO_PAGE when the reserve is used up.
static inline paddr_t page_reserve_take(u64 hart) {
    if (!page_reserve_count[hart].value) {
        return NO_PAGE;
    }
    return page_caches[hart].reserve[--page_reserve_count[hart].value];
}

static inline void page_reserve_put(u64 hart, paddr_t pa) {
    page_caches[hart].reserve[page_reserve_count[hart].value++] = pa;
}
