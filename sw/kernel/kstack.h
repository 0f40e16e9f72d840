// Kernel stacks: 16 KiB of a region of their own, page by page, with guard pages between them.
#pragma once

#include "thread.h"
#include "vm.h"

// the four entries that map the stack, lowest page first.
static inline pte_t* kstack_ptes(const struct thread* t) {
    u64 first = t->stack_slot * (THREAD_ALIGN / PAGE_SIZE);
    return &kstack_pt[0][0] + first;
}

// finds a stack address for a thread; nothing is mapped.
void kstack_reserve(struct thread* t);

// maps the topmost `count` pages, straight from the page pool.
void kstack_populate(struct thread* t, u64 count);

// frees what is mapped. The address is used again only after a fence.
void kstack_release(struct thread* t);
