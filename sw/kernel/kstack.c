#include "kstack.h"

#include "console.h"
#include "ipi.h"

// Freed addresses wait for a fence on all harts that serves a whole batch of them, as lazily freed
// vmalloc areas do.
#define FENCE_BATCH 16

static u32 fenced[KSTACK_SLOTS];
static u32 nr_fenced;
static u32 unfenced[FENCE_BATCH];
static u32 nr_unfenced;
static u32 never_used;
static struct spinlock slot_lock;

void kstack_reserve(struct thread* t) {
    u64 flags = local_irq_save();
    spin_lock(&slot_lock);
    if (nr_fenced) {
        t->stack_slot = fenced[--nr_fenced];
    } else if (never_used < KSTACK_SLOTS) {
        t->stack_slot = never_used++;
    } else {
        panic("no address left for a kernel stack");
    }
    spin_unlock(&slot_lock);
    local_irq_restore(flags);
    t->stack = KSTACK_BASE + t->stack_slot * THREAD_ALIGN;
    t->stack_ptes = &kstack_pt[0][0] + t->stack_slot * (THREAD_ALIGN / PAGE_SIZE);
}

void kstack_populate(struct thread* t, u64 count) {
    pte_t* ptes = t->stack_ptes;
    for (u64 i = THREAD_PAGES - count; i < THREAD_PAGES; i++) {
        paddr_t pa = page_alloc_for_stack();
        if (pa == NO_PAGE) {
            panic("no page left for the stack of a new thread");
        }
        ptes[i] = pte_make(pa, PAGE_KERNEL);
        // the hart may have cached that there was nothing; others fence when the thread comes.
        local_flush_tlb_page(t->stack + i * PAGE_SIZE);
    }
    t->stack_fenced_on = 1 << this_hart()->id;
}

void kstack_release(struct thread* t) {
    pte_t* ptes = t->stack_ptes;
    for (u64 i = 0; i < THREAD_PAGES; i++) {
        if (ptes[i] & PTE_V) {
            paddr_t pa = pte_page(ptes[i]);
            ptes[i] = 0;
            page_free(pa);
        }
    }
    u32 batch[FENCE_BATCH];
    u32 count = 0;
    u64 flags = local_irq_save();
    spin_lock(&slot_lock);
    unfenced[nr_unfenced++] = t->stack_slot;
    if (nr_unfenced == FENCE_BATCH) {
        while (nr_unfenced) {
            batch[count++] = unfenced[--nr_unfenced];
        }
    }
    spin_unlock(&slot_lock);
    if (count) {
        flush_tlb_all();
        spin_lock(&slot_lock);
        while (count) {
            fenced[nr_fenced++] = batch[--count];
        }
        spin_unlock(&slot_lock);
    }
    local_irq_restore(flags);
}

u64 kstack_ptes_ever_used(void) { return never_used * (THREAD_ALIGN / PAGE_SIZE); }
