#include "selfcheck.h"

#include "console.h"
#include "kstack.h"
#include "page_cache.h"
#include "policy.h"
#include "smp.h"
#include "spawn.h"
#include "vm.h"
#include "workload.h"

#define PTES_PER_LINE (CACHE_LINE / sizeof(pte_t))
#define WINDOWS_PER_TABLE (PTES_PER_TABLE / USER_HEAP_SLOTS)

static u64 found;

static void see(paddr_t pa) {
    if (pa < POOL_BASE || pa >= POOL_BASE + pages_ever_used() * PAGE_SIZE || pa % PAGE_SIZE) {
        panic("self-check: %x is no page of the pool", pa);
    }
    if (page_of(pa)->owners++) {
        panic("self-check: page %x has two owners", pa);
    }
    found++;
}

// The pages that these entries map, a multiple of a cache line of them.
static void see_pages(const pte_t* ptes, u64 count) {
    for (const pte_t* line = ptes; line < ptes + count; line += PTES_PER_LINE) {
        if (!(line[0] | line[1] | line[2] | line[3] | line[4] | line[5] | line[6] | line[7])) {
            continue;
        }
        for (u64 i = 0; i < PTES_PER_LINE; i++) {
            if (line[i] & PTE_V) {
                see(pte_page(line[i]));
            }
        }
    }
}

static bool same_process(u32 thread, u32 other) {
    const struct workload_thread* a = workload_thread(thread);
    const struct workload_thread* b = workload_thread(other);
    return b->kind == WORKLOAD_USER && a->process == b->process;
}

// The table with the heap window of a thread, with the first window of its process in there.
static void see_heap(u32 thread) {
    u32 first = thread / WINDOWS_PER_TABLE * WINDOWS_PER_TABLE;
    while (!same_process(thread, first)) {
        first++;
    }
    if (first == thread) {
        struct process* process = process_of_workload(workload_thread(thread)->process);
        paddr_t table = (paddr_t)process_pte(process, user_heap(thread)) & ~(PAGE_SIZE - 1);
        see(table);
        see_pages((const pte_t*)table, PTES_PER_TABLE);
    }
}

static void see_process(struct process* process) {
    see((paddr_t)process->root);
    see(pte_page(process->root[0]));  // all user addresses lie in the first GiB
    see((paddr_t)process_pte(process, USER_TEXT) & ~(PAGE_SIZE - 1));
}

static void see_caches(void) {
    for (u64 hart = 0; hart < NR_HARTS; hart++) {
        struct page_cache* cache = &page_caches[hart];
        for (u64 i = 0; i < page_cache_count[hart].value; i++) {
            see(cache->page[i]);
        }
        for (u64 i = 0; i < page_reserve_count[hart].value; i++) {
            see(cache->reserve[i]);
        }
        for (u32 at = cache->inbox; at; at = pages[at - 1].next) {
            see(POOL_BASE + (at - 1) * PAGE_SIZE);
        }
    }
}

void selfcheck_pages(void) {
    found = 0;
    for (u64 i = 0; i < pages_ever_used(); i++) {
        pages[i].owners = 0;
    }
    pages_for_each_free(see);
    see_caches();
    policy_for_each_page(see);
    see_pages(kstack_pt[0], kstack_ptes_ever_used());
    for (u32 i = 0; i < workload_nr_processes(); i++) {
        see_process(process_of_workload(i));
    }
    for (u32 i = 0; i < workload_nr_threads(); i++) {
        if (workload_thread(i)->kind == WORKLOAD_USER) {
            see_heap(i);
        }
    }
    if (found != pages_ever_used()) {
        panic("self-check: %u pages of %u are lost", pages_ever_used() - found, pages_ever_used());
    }
}

void selfcheck_end(void) {
    if (nr_threads != nr_harts) {
        panic("self-check: %u threads are left beside the idle ones", nr_threads - nr_harts);
    }
    if (completed_calls != workload_expected_calls()) {
        panic("self-check: %u system calls completed, not %u", completed_calls,
              workload_expected_calls());
    }
    if (completed_faults != workload_expected_faults()) {
        panic("self-check: %u page faults completed, not %u", completed_faults,
              workload_expected_faults());
    }
}
