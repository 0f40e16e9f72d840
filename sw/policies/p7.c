// P7: grow on fault as P1, and collect the pages below the stack pointers of threads that have been
// asleep for a while: for two ticks of the hart that they sleep on.
//
// Threads that wait for another thread are not looked at: whoever wakes them may be on any hart.
// Of the others only that hart's timer wakes them, and it is in its timer interrupt: nobody runs
// them meanwhile, and no lock is needed. One fence on all harts serves all pages of a scan, before
// anybody gets them. A hart that idles has no ticks, and collects nothing.
#include "policies/p1.h"

#ifndef __ASSEMBLER__
#include "policies/scan.h"

// words of thread.policy
#define SEEN_ASLEEP 1  // deadline of the sleep that a scan has seen it in

static inline void refill(u64 hart) { page_reserve_refill(hart, DYNAMIC_PAGES); }

static inline paddr_t take_page(u64 hart) { return page_reserve_take(hart); }

void policy_switch_out(struct thread* prev) { refill_if_grown(prev); }

static inline bool scan_thread(struct thread* t, struct batch* batch) {
    if (t->policy[SEEN_ASLEEP] != t->deadline) {
        t->policy[SEEN_ASLEEP] = t->deadline;
        return false;
    }
    u64 low = t->stack_limit - sizeof(struct pt_regs);
    u64 end = t->context.sp & ~(PAGE_SIZE - 1);
    if (low >= end) {
        return false;
    }
    for (u64 va = low; va < end; va += PAGE_SIZE) {
        batch_unmap(batch, t, va);
    }
    t->stack_limit = end + sizeof(struct pt_regs);
    return true;
}

#endif
