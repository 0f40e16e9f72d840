#include "page_cache.h"

#include "workload.h"

struct hart_word page_cache_count[NR_HARTS] WATCHED;
struct hart_word page_reserve_count[NR_HARTS] WATCHED;
struct hart_word page_inbox_count[NR_HARTS] WATCHED;
struct hart_word page_cache_returned[NR_HARTS] WATCHED;
struct hart_word page_cache_refills[NR_HARTS] WATCHED;
struct hart_word page_cache_drains[NR_HARTS] WATCHED;
struct page_cache page_caches[NR_HARTS];

static void take_inbox(u64 hart) {
    struct page_cache* cache = &page_caches[hart];
    spin_lock(&cache->inbox_lock);
    while (cache->inbox && page_cache_count[hart].value < PAGE_CACHE_MAX) {
        struct page* page = &pages[cache->inbox - 1];
        cache->inbox = page->next;
        page_inbox_count[hart].value--;
        page_cache_put(hart, POOL_BASE + (page - pages) * PAGE_SIZE);
    }
    spin_unlock(&cache->inbox_lock);
}

__attribute__((noinline)) void page_cache_refill(u64 hart) {
    take_inbox(hart);
    u64 before = page_cache_count[hart].value;
    while (page_cache_count[hart].value < PAGE_CACHE_BATCH) {
        paddr_t pa = page_alloc();
        if (pa == NO_PAGE) {
            break;
        }
        page_cache_put(hart, pa);
    }
    page_cache_refills[hart].value += page_cache_count[hart].value > before;
}

__attribute__((noinline)) void page_cache_drain(u64 hart) {
    const paddr_t* page = page_cache_take(hart, PAGE_CACHE_BATCH);
    page_cache_drains[hart].value++;
    for (u64 i = 0; i < PAGE_CACHE_BATCH; i++) {
        page_free(page[i]);
    }
}

__attribute__((noinline)) void page_cache_drain_all(u64 hart) {
    take_inbox(hart);
    page_cache_drains[hart].value += page_cache_count[hart].value > 0;
    while (page_cache_count[hart].value) {
        page_free(*page_cache_take(hart, 1));
    }
}

PROBED void page_cache_return_to(u64 origin, paddr_t pa) {
    page_cache_returned[this_hart()->id].value++;
    struct page_cache* cache = &page_caches[origin];
    struct page* page = page_of(pa);
    spin_lock(&cache->inbox_lock);
    page->next = cache->inbox;
    cache->inbox = page - pages + 1;
    page_inbox_count[origin].value++;
    spin_unlock(&cache->inbox_lock);
}

__attribute__((noinline)) void page_reserve_refill(u64 hart, u64 wanted) {
    while (page_reserve_count[hart].value < wanted) {
        paddr_t pa = page_alloc_for_stack();
        if (pa == NO_PAGE) {
            break;
        }
        page_reserve_put(hart, pa);
    }
}

void page_reserve_return(u64 hart, paddr_t pa) {
    if (page_reserve_count[hart].value == PAGE_RESERVE_MAX) {
        page_free(pa);
        return;
    }
    if (unlikely(workload_zero_pages)) {
        page_zero(pa);
    }
    page_reserve_put(hart, pa);
}
