// P1-pool: P1, and a fault that finds the array of its hart used up takes a page from a pool of
// eight that all harts share, under a lock.
//
// The handler waits for the lock, so nobody may fault who holds it. Only the refill does, with
// interrupts off, for a few instructions that live in registers; it touches the stack before, as
// far down as it could use it.
#include "policies/p1.h"

#ifndef __ASSEMBLER__
#include "kernel/spinlock.h"
#include "policies/set_aside.h"
#include "policies/stack_probe.h"

#define POOL 0  // of the lists that are set aside
#define POOL_SIZE 8

static struct spinlock pool_lock;

// False: there are enough.
static __attribute__((noinline)) bool pool_put(paddr_t pa) {
    stack_probe(PROBE_SECTION);
    spin_lock(&pool_lock);
    bool wanted = page_set_aside_count[POOL].value < POOL_SIZE;
    if (wanted) {
        set_aside_put(POOL, pa);
    }
    spin_unlock(&pool_lock);
    return wanted;
}

static __attribute__((noinline)) paddr_t pool_take(void) {
    spin_lock(&pool_lock);
    paddr_t pa = set_aside_take(POOL);
    spin_unlock(&pool_lock);
    return pa;
}

static inline void refill(u64 hart) {
    page_reserve_refill(hart, DYNAMIC_PAGES);
    while (page_set_aside_count[POOL].value < POOL_SIZE) {
        paddr_t pa = page_alloc_for_stack();
        if (pa == NO_PAGE) {
            break;
        }
        if (!pool_put(pa)) {
            page_free(pa);
        }
    }
}

static inline paddr_t take_page(u64 hart) {
    paddr_t pa = page_reserve_take(hart);
    return likely(pa != NO_PAGE) ? pa : pool_take();
}

void policy_switch_out(struct thread* prev) { refill_if_grown(prev); }

#endif
