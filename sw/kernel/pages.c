#include "pages.h"

#include "policy.h"
#include "spinlock.h"
#include "workload.h"

struct page pages[POOL_PAGES];

static struct spinlock pool_lock;
static u32 free_list;  // index + 1 of the first page that came back
static u64 untouched;  // pages from this one on have never been handed out

static paddr_t address_of(u64 index) { return POOL_BASE + index * PAGE_SIZE; }

paddr_t page_take(void) {
    u64 flags = local_irq_save();
    paddr_t pa = NO_PAGE;
    spin_lock(&pool_lock);
    if (free_list) {
        u64 index = free_list - 1;
        free_list = pages[index].next;
        pa = address_of(index);
    } else if (untouched < POOL_PAGES) {
        pa = address_of(untouched++);
    }
    spin_unlock(&pool_lock);
    local_irq_restore(flags);
    return pa;
}

paddr_t page_alloc(void) {
    paddr_t pa = page_take();
    if (pa == NO_PAGE && policy_reclaim(1)) {
        pa = page_take();
    }
    return pa;
}

paddr_t page_alloc_for_table(void) {
    u64 used = untouched;
    paddr_t pa = page_alloc();
    if (pa != NO_PAGE && (u64)(page_of(pa) - pages) < used) {
        page_zero(pa);
    }
    return pa;
}

paddr_t page_alloc_for_stack(void) {
    paddr_t pa = page_alloc();
    if (pa != NO_PAGE && workload_zero_pages) {
        page_zero(pa);
    }
    return pa;
}

void page_free(paddr_t pa) {
    u64 flags = local_irq_save();
    struct page* page = page_of(pa);
    spin_lock(&pool_lock);
    page->next = free_list;
    free_list = page - pages + 1;
    spin_unlock(&pool_lock);
    local_irq_restore(flags);
}

void page_zero(paddr_t pa) {
    for (u64* word = (u64*)pa; word < (u64*)(pa + PAGE_SIZE); word += 8) {
        word[0] = word[1] = word[2] = word[3] = 0;
        word[4] = word[5] = word[6] = word[7] = 0;
    }
}

u64 pages_ever_used(void) { return untouched; }

void pages_for_each_free(void (*visit)(paddr_t pa)) {
    for (u32 at = free_list; at; at = pages[at - 1].next) {
        visit(address_of(at - 1));
    }
}
