// P8-shrinker: threads are created with four pages, and those that were never accessed go back only
// when the page pool is empty. What was accessed once stays for life.
//
// The shrinker takes pages of threads that do not run, and keeps the scheduler from running them
// meanwhile: each thread has a word that says who has it, changed by an AMO. Who finds it with the
// shrinker is not run, and asked again. After the entries have gone, and before anybody can get the
// pages, all harts fence: a hart may have speculated into a stack without setting an A bit.
//
// Waiting for that fence is not for who holds a lock. The scheduler does when it fills in what is
// missing: it takes what the pool has, and if there is too little, the thread is not run until the
// idle loop has called the shrinker.
#include "policies/accessed.h"

#ifndef __ASSEMBLER__
#include "kernel/ipi.h"
#include "kernel/workload.h"
#include "policies/admission.h"

#define BATCH 16

// words of thread.policy
#define HELD_BY 0

enum holder { NOBODY_MAY, FREE, SCHEDULER, SHRINKER };

static u32 next_to_shrink;

void policy_init_hart(struct hart* hart) {
    (void)hart;
    accessed_init_hart();
}

void policy_thread_create(struct thread* t) {
    accessed_populate(t);
    __atomic_store_n(&t->policy[HELD_BY], FREE, __ATOMIC_RELEASE);
}

static bool hold(struct thread* t, enum holder holder) {
    u64 expected = FREE;
    return __atomic_compare_exchange_n(&t->policy[HELD_BY], &expected, holder, false,
                                       __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

// Fills in what is missing. False: the pool has too little, and nothing has changed.
PROBED bool policy_map(struct thread* t) {
    pte_t* ptes = t->stack_ptes;
    paddr_t page[DYNAMIC_PAGES];
    u64 missing = !ptes[0] + !ptes[1] + !ptes[2];
    u64 count = 0;
    while (count < missing && (page[count] = page_take()) != NO_PAGE) {
        count++;
    }
    bool enough = count == missing;
    for (u64 i = 0; count; i++) {
        if (!enough) {
            page_free(page[--count]);
        } else if (!ptes[i]) {
            ptes[i] = pte_make(page[--count], PAGE_NOT_ACCESSED);
            if (unlikely(workload_zero_pages)) {
                page_zero(page[count]);
            }
        }
    }
    if (!enough) {
        return false;
    }
    // where the bit is clear, the scheduler fences the whole stack before the thread runs.
    t->stack_fenced_on &= 1 << this_hart()->id;
    if (t->stack_fenced_on) {
        local_flush_tlb_kernel_range(t->stack, t->stack + DYNAMIC_PAGES * PAGE_SIZE);
    }
    return true;
}

// A thread that gives the hart away and takes it again has never been let go.
bool policy_switch_in(struct thread* next) {
    if (next->kernel_thread || next == current_thread()) {
        return true;
    }
    if (!hold(next, SCHEDULER)) {
        return false;
    }
    const pte_t* ptes = next->stack_ptes;
    if (likely(ptes[0] && ptes[1] && ptes[2]) || admit(next)) {
        return true;
    }
    __atomic_store_n(&next->policy[HELD_BY], FREE, __ATOMIC_RELEASE);
    return false;
}

void policy_finish_switch(struct thread* prev) {
    if (!prev->kernel_thread) {
        u64 holder = prev->state == THREAD_DEAD ? NOBODY_MAY : FREE;
        __atomic_store_n(&prev->policy[HELD_BY], holder, __ATOMIC_RELEASE);
    }
}

// Takes the pages of one thread that were never accessed; returns how many.
static u64 shrink(struct thread* t, paddr_t* page) {
    u64 count = 0;
    for (u64 i = 0; i < DYNAMIC_PAGES; i++) {
        pte_t pte = t->stack_ptes[i];
        if (pte && !(pte & PTE_A)) {
            t->stack_ptes[i] = 0;
            page[count++] = pte_page(pte);
        }
    }
    if (count) {
        t->stack_fenced_on = 0;
    }
    return count;
}

// The caller holds no lock. Goes on behind the thread where it stopped the last time.
PROBED u64 policy_reclaim(u64 pages) {
    paddr_t page[BATCH];
    u64 count = 0;
    u64 flags = local_irq_save();
    u32 nr = workload_nr_threads();
    for (u32 i = 0; i < nr && count < pages && count + DYNAMIC_PAGES <= BATCH; i++) {
        struct thread* t = thread_of_workload(next_to_shrink++ % nr);
        if (t->policy[HELD_BY] == FREE && hold(t, SHRINKER)) {
            count += shrink(t, &page[count]);
            __atomic_store_n(&t->policy[HELD_BY], FREE, __ATOMIC_RELEASE);
        }
    }
    if (count) {
        flush_tlb_all();
    }
    for (u64 i = 0; i < count; i++) {
        page_free(page[i]);
    }
    local_irq_restore(flags);
    return count;
}

#endif
