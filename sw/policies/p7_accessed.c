// P7-accessed: grow on fault as P1, and collect pages below the stack pointers of sleeping threads
// that were not accessed between two scans, by their A bits: what a thread uses again and again it
// keeps. A scan clears the A bits that it finds.
//
// Pages are mapped with A set, so a page is new for one scan. Without Svadu a page whose A bit was
// cleared counts as missing (stack_limit), and the fault that its next use leads to sets A again.
//
// Only the timer of the hart on which they sleep wakes those threads, and it is in its timer
// interrupt: nobody runs them meanwhile, and no lock is needed. One fence on all harts serves all
// entries of a scan: those that went, before anybody gets the pages, and those whose A bit was
// cleared, for a hart sets it only if it does not remember it as set. A hart that idles has no
// ticks, and collects nothing.
#include "policies/stack_fault.h"

#ifndef __ASSEMBLER__
#include "kernel/console.h"
#include "kernel/page_cache.h"
#include "kernel/sbi_call.h"
#include "policies/scan.h"

#define DYNAMIC_PAGES 3

// words of thread.policy
#define GREW 0  // pages were taken from the hart's array since the thread was switched in

static bool walker_sets_accessed;  // all harts alike

void policy_init_hart(struct hart* hart) {
    walker_sets_accessed = sbi_fwft_set(SBI_FWFT_PTE_AD_HW_UPDATING, 1) == SBI_SUCCESS;
    page_reserve_refill(hart->id, DYNAMIC_PAGES);
}

void policy_thread_create(struct thread* t) {
    kstack_populate(t, 1);
    t->stack_limit = stack_top(t) - PAGE_SIZE + sizeof(struct pt_regs);
}

// Maps the pages from `low` up to `end`, or sets the A bit of those that are there.
PROBED void policy_map(struct thread* t, u64 low, u64 end) {
    u64 hart = t->hart->id;
    for (u64 va = low; va < end; va += PAGE_SIZE) {
        pte_t* pte = &t->stack_ptes[(va - t->stack) / PAGE_SIZE];
        if (*pte) {
            *pte |= PTE_A | PTE_D;
            continue;
        }
        paddr_t pa = page_reserve_take(hart);
        if (pa == NO_PAGE) {
            panic("stack fault: the array of hart %u is used up, thread %u needs a page at %x",
                  hart, (u64)t->index, va);
        }
        *pte = pte_make(pa, PAGE_KERNEL);
    }
    local_flush_tlb_kernel_range(low, end);
}

// On the fault stack of the hart.
void grow_stack(struct thread* t, u64 sp) {
    u64 low = lowest_page_of_frame(t, sp);
    policy_map(t, low, t->stack_limit - sizeof(struct pt_regs));
    t->stack_limit = low + sizeof(struct pt_regs);
    t->stack_fenced_on = 1 << t->hart->id;
    t->policy[GREW] = true;
}

void policy_switch_out(struct thread* prev) {
    if (prev->policy[GREW]) {
        prev->policy[GREW] = false;
        page_reserve_refill(prev->hart->id, DYNAMIC_PAGES);
    }
}

// The walker does not touch these entries: no hart uses the stack of a thread that sleeps until a
// time.
static inline bool scan_thread(struct thread* t, struct batch* batch) {
    u64 end = t->context.sp & ~(PAGE_SIZE - 1);
    u64 missing_below = 0;  // above the highest page that has to count as missing
    bool changed = false;
    for (u64 va = t->stack; va < end; va += PAGE_SIZE) {
        pte_t* pte = &t->stack_ptes[(va - t->stack) / PAGE_SIZE];
        if (!*pte) {
            continue;
        }
        changed = true;
        if (*pte & PTE_A) {
            *pte &= ~PTE_A;
            batch_fence(batch, va);
            missing_below = walker_sets_accessed ? missing_below : va + PAGE_SIZE;
        } else {
            batch_unmap(batch, t, va);
            missing_below = va + PAGE_SIZE;
        }
    }
    if (missing_below) {
        t->stack_limit = missing_below + sizeof(struct pt_regs);
    }
    return changed;
}

#endif
