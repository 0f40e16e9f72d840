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

// whether a cache line of entries, which is what a scan is fast with, holds none.
static bool none_in(const pte_t* line) {
    return !(line[0] | line[1] | line[2] | line[3] | line[4] | line[5] | line[6] | line[7]);
}

// the tables of a process below its root, and the pages of the pool that they map.
static void see_table(pte_t* table, int level) {
    see((paddr_t)table);
    for (pte_t* line = table; line < table + PTES_PER_TABLE; line += PTES_PER_LINE) {
        for (u64 i = 0; i < PTES_PER_LINE && !none_in(line); i++) {
            if (level > 0 && pte_is_table(line[i])) {
                see_table((pte_t*)pte_page(line[i]), level - 1);
            } else if (level == 0 && pte_page(line[i]) >= POOL_BASE) {
                see(pte_page(line[i]));
            }
        }
    }
}

static void see_process(struct process* process) {
    see((paddr_t)process->root);
    pte_t user = process->root[0];  // all user addresses lie in the first GiB
    see_table((pte_t*)pte_page(user), 1);
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

// A page at an address that no stack ever had would be missing in the sum.
static void see_stacks(void) {
    for (pte_t* line = kstack_pt[0]; line < kstack_pt[0] + kstack_ptes_ever_used();
         line += PTES_PER_LINE) {
        for (u64 i = 0; i < PTES_PER_LINE && !none_in(line); i++) {
            if (line[i] & PTE_V) {
                see(pte_page(line[i]));
            }
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
    see_stacks();
    for (u32 i = 0; i < workload_nr_processes(); i++) {
        see_process(process_of_workload(i));
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
