// Pages that a policy sets aside, beside the caches and the reserves of the harts: lists, as many
// as there are harts. Who uses a list keeps others away from it.
#pragma once

#include "kernel/page_cache.h"
#include "kernel/policy.h"

// read from outside.
struct hart_word page_set_aside_count[NR_HARTS] WATCHED;

static u32 set_aside[NR_HARTS];  // index + 1 of the first page

static inline void set_aside_put(u64 list, paddr_t pa) {
    struct page* page = page_of(pa);
    page->next = set_aside[list];
    set_aside[list] = page - pages + 1;
    page_set_aside_count[list].value++;
}

static inline paddr_t set_aside_take(u64 list) {
    u32 first = set_aside[list];
    if (!first) {
        return NO_PAGE;
    }
    set_aside[list] = pages[first - 1].next;
    page_set_aside_count[list].value--;
    return POOL_BASE + (first - 1) * PAGE_SIZE;
}

void policy_for_each_page(void (*visit)(paddr_t pa)) {
    for (u64 list = 0; list < NR_HARTS; list++) {
        for (u32 at = set_aside[list]; at; at = pages[at - 1].next) {
            visit(POOL_BASE + (at - 1) * PAGE_SIZE);
        }
    }
}
