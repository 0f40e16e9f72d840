// P12: grow on fault as P1, and after the switch give back what lies below the saved sp.
//
// Nothing below the saved sp is alive: the ABI has no red zone, and interrupts are off from there
// to the end of the switch. Pages are taken away after the stack has changed and before the lock of
// the run queue is released, so that nobody can run the thread meanwhile. Who goes on on it finds
// the pages missing at the first use, as ever.
//
// The fence on this hart is needed as soon as a page goes: a translation that survives would let
// the thread reach a page that belongs to somebody else by then, without a fault. Other harts fence
// the stack before the thread runs there (stack_fenced_on). A hart that reads an object on another
// thread's stack is not fenced: below a page that came and went it may meet the page that was there
// before.
//
// What was taken away goes to the array first, which may hold more than the pages of one fault for
// it, and is then filled from the pool less often.
#include "policies/p1.h"

#ifndef __ASSEMBLER__

static inline void refill(u64 hart) { page_reserve_refill(hart, DYNAMIC_PAGES); }

static inline paddr_t take_page(u64 hart) { return page_reserve_take(hart); }

void policy_switch_out(struct thread* prev) { refill_if_grown(prev); }

// Takes away the pages from `lowest_mapped` up to `end`.
PROBED void policy_unmap(struct thread* t, u64 lowest_mapped, u64 end) {
    pte_t* ptes = t->stack_ptes;
    paddr_t page[DYNAMIC_PAGES];
    u64 count = 0;
    for (u64 va = lowest_mapped; va < end; va += PAGE_SIZE) {
        pte_t* pte = &ptes[(va - t->stack) / PAGE_SIZE];
        page[count++] = pte_page(*pte);
        *pte = 0;
    }
    local_flush_tlb_kernel_range(lowest_mapped, end);
    u64 hart = this_hart()->id;
    t->stack_fenced_on = 1 << hart;
    t->stack_limit = end + sizeof(struct pt_regs);
    while (count) {
        page_reserve_return(hart, page[--count]);
    }
}

// A kernel thread has no limit, and keeps all its pages.
void policy_finish_switch(struct thread* prev) {
    u64 lowest_mapped = prev->stack_limit - sizeof(struct pt_regs);
    u64 end = prev->context.sp & ~(PAGE_SIZE - 1);
    if (unlikely(lowest_mapped < end)) {
        policy_unmap(prev, lowest_mapped, end);
    }
}

#endif
