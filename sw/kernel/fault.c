#include "fault.h"

#include "console.h"
#include "deep.h"
#include "policy.h"
#include "vm.h"

// A thread has USER_HEAP_RESIDENT pages for its heap window. A fault in one slot of the window
// takes the page of the slot that was filled longest ago, so that a run of any length needs a
// bounded number of pages, and each fault does what a fault does: one entry goes, one comes.
#define USER_HEAP_RESIDENT 8

static u64 slot_address(const struct thread* t, u64 slot) {
    return user_heap(t->index) + slot % USER_HEAP_SLOTS * PAGE_SIZE;
}

// No other thread uses the window, and no other hart before this thread gets there: that is when it
// fences. So a page fault needs no remote fence, and costs what it does in Linux, where it maps a
// page and takes none away.
static void flush_user_page(struct thread* t, u64 va) {
    t->heap_fenced_on = 1 << t->hart->id;
    if (t->process->asid) {
        local_flush_tlb_page_asid(va, t->process->asid);
    } else {
        local_flush_tlb_page(va);
    }
}

static paddr_t take_oldest(struct thread* t, u64 slot) {
    u64 va = slot_address(t, slot + USER_HEAP_SLOTS - USER_HEAP_RESIDENT);
    pte_t* pte = process_pte(t->process, va);
    if (!(*pte & PTE_V)) {
        return page_alloc();
    }
    paddr_t pa = pte_page(*pte);
    *pte = 0;
    flush_user_page(t, va);
    return pa;
}

void user_page_fault(struct thread* t, struct pt_regs* regs) {
    u64 va = regs->badaddr & ~(PAGE_SIZE - 1);
    u64 slot = (va - user_heap(t->index)) / PAGE_SIZE;
    if (va < user_heap(t->index) || slot >= USER_HEAP_SLOTS) {
        panic("thread %u at %x: page fault at %x, outside of its heap", (u64)t->index, regs->epc,
              regs->badaddr);
    }
    // how deep the handler goes, the user program has left in the registers of a system call.
    if (!policy_ensure(t, regs->a0)) {
        return;  // the access faults again
    }
    go_deep(t, regs->a0, regs->a1);

    pte_t* pte = process_pte(t->process, va);
    if (*pte & PTE_V) {
        panic("thread %u: page fault at %x, which is mapped", (u64)t->index, regs->badaddr);
    }
    paddr_t pa = take_oldest(t, slot);
    if (pa == NO_PAGE) {
        panic("no page left for user memory");
    }
    *pte = pte_make(pa, PAGE_USER);
    flush_user_page(t, va);
}
