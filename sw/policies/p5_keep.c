// P5-keep: P5, and a thread that needed depth once keeps its pages, since it will need them again,
// until the page pool is empty. Then the hart that wants pages takes what lies below the stack
// pointers of threads that sleep on it or wait for it, and was not asked for by the call that such
// a thread is in: it may go deeper when it goes on. With its run queue locked nobody can run them.
// Pages of threads on other harts stay where they are.
//
// Nothing is fenced then: nobody uses the address before the next request, which fences what it
// maps.
#ifndef __ASSEMBLER__
#include "policies/p5.h"

#define ASKED 2  // word of thread.policy: pages that the last call did without, as MISSING counts

static inline void promise(struct thread* t, u64 missing) { t->policy[ASKED] = missing; }

// The frame at the top of a thread's stack through the map of all memory: this hart may remember
// that nothing was there, for it has not fenced the stack of a thread that has not run here.
static const struct pt_regs* frame_of(const struct thread* t) {
    u64 offset = (u64)thread_regs(t) % PAGE_SIZE;
    return (const struct pt_regs*)(pte_page(t->stack_ptes[THREAD_PAGES - 1]) + offset);
}

// A thread that an interrupt took from user mode is in no call.
static u64 may_lose(const struct thread* t) {
    bool in_call = !(frame_of(t)->cause & CAUSE_INTERRUPT);
    u64 unused = (t->context.sp - t->stack) / PAGE_SIZE;
    return in_call && t->policy[ASKED] < unused ? t->policy[ASKED] : unused;
}

PROBED u64 policy_unmap(struct thread* t) {
    u64 end = may_lose(t);
    u64 count = 0;
    for (u64 i = t->policy[MISSING]; i < end; i++) {
        page_free(pte_page(t->stack_ptes[i]));
        t->stack_ptes[i] = 0;
        count++;
    }
    t->policy[MISSING] += count;
    return count;
}

static u64 take_from(struct thread* t) {
    return t->kernel_thread || t->state == THREAD_NEW ? 0 : policy_unmap(t);
}

// The caller holds no lock of a run queue.
PROBED u64 policy_reclaim(u64 pages) {
    u64 flags = local_irq_save();
    struct hart* hart = this_hart();
    u64 count = 0;
    for (u32 i = 0; i < hart->nr_timers && count < pages; i++) {
        count += take_from(hart->timers[i]);
    }
    spin_lock(&hart->lock);
    for (struct thread* t = hart->queue_head; t && count < pages; t = t->next) {
        count += take_from(t);
    }
    spin_unlock(&hart->lock);
    local_irq_restore(flags);
    return count;
}
#endif
