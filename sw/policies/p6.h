// What P6 and its variants share: P1, with a touch of the stack at places where a fault does no
// harm, so that few come where it does.
//
// A fault where interrupts are on finds no lock held, and takes its page from the page pool; it
// could as well sleep for it. The array of the hart is left to those that come with interrupts off.
#pragma once

#include "policies/p1.h"

#ifndef __ASSEMBLER__
#include "policies/stack_probe.h"

static inline void refill(u64 hart) { page_reserve_refill(hart, DYNAMIC_PAGES); }

static inline paddr_t take_page(u64 hart) {
    if (csr_read(sstatus) & SSTATUS_SPIE) {
        paddr_t pa = page_alloc_for_stack();
        if (pa != NO_PAGE) {
            return pa;
        }
    }
    return page_reserve_take(hart);
}

void policy_switch_out(struct thread* prev) { refill_if_grown(prev); }

#endif
