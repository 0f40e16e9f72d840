// P1-reserve: P1 with an array of six pages on each hart instead of three, so that two threads can
// grow all the way before the array is filled again.
#include "policies/p1.h"

#ifndef __ASSEMBLER__

static inline void refill(u64 hart) { page_reserve_refill(hart, PAGE_RESERVE_MAX); }

static inline paddr_t take_page(u64 hart) { return page_reserve_take(hart); }

void policy_switch_out(struct thread* prev) { refill_if_grown(prev); }

#endif
