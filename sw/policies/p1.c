// P1: grow on fault, never shrink. A user thread starts with its topmost page; the first use of
// another page traps, and the trap maps all pages down to it from an array that the hart holds
// ready. The array is filled again when the thread is switched out.
#include "policies/p1.h"

#ifndef __ASSEMBLER__

static inline void refill(u64 hart) { page_reserve_refill(hart, DYNAMIC_PAGES); }

static inline paddr_t take_page(u64 hart) { return page_reserve_take(hart); }

void policy_switch_out(struct thread* prev) { refill_if_grown(prev); }

#endif
