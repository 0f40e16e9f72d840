#include "address_space.h"
#include "harness.h"

void evict(u64 address) {
    for (int i = 0; i < 48; i++) load((u64)big_area + i * PAGE + (address & 0xff0));
}

u64 self_pointer(void) {
    static u64 cell[8] __attribute__((aligned(64)));
    cell[0] = (u64)cell;
    return (u64)cell;
}

int main(void) {
    baseline();
    loads();
    core();
    atomics();
    fences();
    tlb_misses();
    page_faults();
    traps();
    map_three();
    return 0;
}
