// P11-epoch: P4, and a page that was unmapped on one hart gets to another only after the first has
// passed a fence. No hart is interrupted for that: pages on their way to the hart that they came
// from wait until there are enough of them for one fence of everything.
//
// A hart that unmaps a page may keep a translation of it, and lives with that while the page is its
// own: it fences the address where it maps there again. Other harts of the same visit to the kernel
// may have one too; they fence the stack before the thread runs there again (stack_fenced_on). A
// thread leaves user mode on the hart on which it came there, which is why the hart of the exit
// counts as fenced: the next entry fences what it maps.
//
// Not covered is a hart that read an object on the stack without running the thread.
//
// several harts: on one it is P4.
#ifndef __ASSEMBLER__
#include "policies/p4.h"
#include "policies/set_aside.h"

#define EPOCH_PAGES 12

// What drains from a full cache goes to the page pool, and from there anywhere.
static inline void fence_after_unmap(struct thread* t) {
    u64 hart = t->hart->id;
    t->stack_fenced_on = 1 << hart;
    if (unlikely(!page_cache_has_room(hart, DYNAMIC_PAGES))) {
        local_flush_tlb_all();
    }
}

// Ends the epoch of this hart: what it unmapped so far may go anywhere.
static void end_epoch(u64 hart) {
    local_flush_tlb_all();
    for (paddr_t pa; (pa = set_aside_take(hart)) != NO_PAGE;) {
        page_cache_return_to(page_of(pa)->origin, pa);
    }
}

static __attribute__((noinline)) void unmap_and_set_aside(struct thread* t, u64 origin) {
    pte_t* ptes = t->stack_ptes;
    u64 hart = t->hart->id;
    for (u64 i = 0; i < DYNAMIC_PAGES; i++) {
        paddr_t pa = pte_page(ptes[i]);
        ptes[i] = 0;
        page_of(pa)->origin = origin;
        set_aside_put(hart, pa);
    }
    t->stack_fenced_on = 1 << hart;
    if (page_set_aside_count[hart].value >= EPOCH_PAGES) {
        end_epoch(hart);
    }
}

PROBED void policy_unmap(struct thread* t) {
    u64 origin = t->policy[ORIGIN];
    if (likely(origin == t->hart->id)) {
        unmap_to(t, origin);
    } else {
        unmap_and_set_aside(t, origin);
    }
}

bool policy_switch_in(struct thread* next) {
    map_at_first_run(next);
    return true;
}
#endif
