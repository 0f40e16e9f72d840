// P4: map at kernel entry, unmap at kernel exit, as mailed. A user thread keeps its topmost page;
// the other three come from the cache of the hart with each entry from user mode, and go back to
// the hart they came from on the way out. A thread that sleeps in the kernel keeps them.
//
// Nothing is fenced when pages go: no one uses the address before the next entry, and that fences
// the range, on its own hart. Interrupts are off in both places, and the frame and the C code up
// to there fit the topmost page.
#ifndef __ASSEMBLER__

#include "kernel/console.h"
#include "kernel/kstack.h"
#include "kernel/page_cache.h"
#include "kernel/policy.h"
#include "kernel/workload.h"

#define DYNAMIC_PAGES 3

// words of thread.policy
#define MAPPED 0

void policy_init_hart(struct hart* hart) { page_reserve_refill(hart->id, DYNAMIC_PAGES); }

void policy_thread_create(struct thread* t) { kstack_populate(t, 1); }

// The pool is empty, and so is the cache: one entry can still be served.
static __attribute__((noinline)) void use_reserve(const struct thread* t, u64 hart) {
    while (page_cache_count[hart] < DYNAMIC_PAGES) {
        paddr_t pa = page_reserve_take(hart);
        if (pa == NO_PAGE) {
            panic("no page left for the kernel stack of thread %u", (u64)t->index);
        }
        page_cache_put(hart, pa);
    }
}

__attribute__((noinline, used)) void policy_map(struct thread* t) {
    pte_t* ptes = kstack_ptes(t);
    u64 hart = t->hart->id;
    if (!page_cache_ensure(hart, DYNAMIC_PAGES)) {
        use_reserve(t, hart);
    }
    for (u64 i = 0; i < DYNAMIC_PAGES; i++) {
        paddr_t pa = page_cache_take(hart);
        if (workload_zero_pages) {
            page_zero(pa);
        }
        ptes[i] = pte_make(pa, PAGE_KERNEL);
    }
    local_flush_tlb_kernel_range(t->stack, t->stack + DYNAMIC_PAGES * PAGE_SIZE);
    t->policy[MAPPED] = true;
}

__attribute__((noinline, used)) void policy_unmap(struct thread* t) {
    pte_t* ptes = kstack_ptes(t);
    u64 hart = t->hart->id;
    for (u64 i = 0; i < DYNAMIC_PAGES; i++) {
        paddr_t pa = pte_page(ptes[i]);
        ptes[i] = 0;
        page_cache_put_origin(hart, pa);
    }
    t->policy[MAPPED] = false;
}

void policy_enter_from_user(struct thread* t) { policy_map(t); }

void policy_exit_to_user(struct thread* t) { policy_unmap(t); }

// The first time a thread runs it starts in the kernel: that counts as an entry.
bool policy_switch_in(struct thread* next) {
    if (!next->has_run && !next->kernel_thread) {
        policy_map(next);
    }
    return true;
}

void policy_thread_exit(struct thread* t) {
    if (t->policy[MAPPED]) {
        policy_unmap(t);
    }
}

#endif
