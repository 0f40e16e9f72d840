// The page pool: one locked list that all harts share. Buddy allocator and memcg are not modelled.
#pragma once

#include "memory_layout.h"
#include "riscv.h"

typedef u64 paddr_t;

#define POOL_PAGES ((POOL_END - POOL_BASE) / PAGE_SIZE)
#define NO_PAGE UL(0)

struct page {
    u32 next;   // index + 1 of the next page in a list
    u8 owners;  // selfcheck: how often it was found
    u8 origin;  // for policies: hart that it goes back to
};

extern struct page pages[POOL_PAGES];

static inline struct page* page_of(paddr_t pa) { return &pages[(pa - POOL_BASE) / PAGE_SIZE]; }

// NO_PAGE when the pool is empty. For callers that hold a lock which giving back may need.
paddr_t page_take(void);

// NO_PAGE when the pool is empty and the policy cannot give anything back.
paddr_t page_alloc(void);

// zero throughout: what has never been handed out is what it was at reset, and that is zero here.
paddr_t page_alloc_for_table(void);

// a page that another thread's stack may have had before: zeroed if the workload asks for that.
paddr_t page_alloc_for_stack(void);

void page_free(paddr_t pa);

void page_zero(paddr_t pa);

// for the accounting: pages that have ever been handed out, and a visit to every free one of them.
u64 pages_ever_used(void);
void pages_for_each_free(void (*visit)(paddr_t pa));
