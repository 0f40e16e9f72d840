// Faults at a page whose PTE was stored a while ago, see store_to_walk.S. A line for each distance
// says how many, as minimum, median and maximum: `warm-` where the store waits for nothing, `cold-`
// behind one that misses the D$.
#include "microbenchmarks/address_space.h"

#include <stdbool.h>

#define DISTANCES(each) each(0) each(1) each(2) each(4) each(8) each(16) each(32) each(64) each(128)

#define DECLARE(cycles) u64 load_after_##cycles(u64*, u64, u64, u64);
DISTANCES(DECLARE)
void count_fault(void);

enum { FAULT_PAGE = 40, LINES = 4096 };

u8 user_text[4], user_text_end[4];  // the address space has no user program

static void measure(const char* id, u64 (*load_after)(u64*, u64, u64, u64), bool cold) {
    static u64 line;
    u64 *pte = &page_ptes[FAULT_PAGE], valid = pte_of(data_pages[FAULT_PAGE], PTE_DATA);
    EACH_ROUND {
        *pte = 0;
        fence_all();
        // the kernel's own translations, and the line of the PTE, are there again
        load((u64)pte);
        u64 other = (u64)big_area + (cold ? line++ % LINES * 64 : 0);
        if (!cold) load(other);
        keep(0, round, load_after(pte, valid, page_word(FAULT_PAGE), other));
    }
    report(id, 0, 1);
}

int main(void) {
    set_trap_handler(count_fault);
#define WARM(cycles) measure("warm-" #cycles, load_after_##cycles, false);
#define COLD(cycles) measure("cold-" #cycles, load_after_##cycles, true);
    DISTANCES(WARM)
    DISTANCES(COLD)
    return 0;
}
