// Kernel stacks: 16 KiB of a region of their own, page by page, with guard pages between them.
#pragma once

#include "thread.h"
#include "vm.h"

// finds a stack address for a thread, and the entries that map it; nothing is mapped.
void kstack_reserve(struct thread* t);

// maps the topmost `count` pages, straight from the page pool.
void kstack_populate(struct thread* t, u64 count);

// frees what is mapped. The address is used again only after a fence.
void kstack_release(struct thread* t);

// how many entries of `kstack_pt`, from its first one on, have been a thread's at any time.
u64 kstack_ptes_ever_used(void);
