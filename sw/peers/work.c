// What the harts do while simulators are timed: a bit of everything that keeps a core busy. A hart
// sorts words that are spread over its own pages, and all of them add to one sum now and then. The
// byte that it writes to the terminal after each round shows that it is alive.

#include "kernel/riscv.h"
#include "peers/layout.h"

#define WORDS 64
#define TERMINAL ((volatile u8*)0x10000000)

// neighbouring words lie on different pages, and each page of a hart in cache sets of its own.
static u64* word(u64 hart, u64 index) {
    u64 page = index % PAGES_PER_HART;
    u64 address = DATA_VIRTUAL + (hart * PAGES_PER_HART + page) * 4096;
    return (u64*)(address + page * (4096 / PAGES_PER_HART)) + index / PAGES_PER_HART;
}

static void fill(u64 hart, u64 seed) {
    for (u64 i = 0; i < WORDS; i++) {
        seed = seed * 6364136223846793005 + 1442695040888963407;
        *word(hart, i) = seed >> 33;
    }
}

static void sort(u64 hart, u64 low, u64 high) {
    if (high - low < 2) return;
    u64 pivot = *word(hart, low);
    u64 middle = low;
    for (u64 i = low + 1; i < high; i++) {
        u64* here = word(hart, i);
        if (*here < pivot) {
            u64* there = word(hart, ++middle);
            u64 value = *here;
            *here = *there;
            *there = value;
        }
    }
    *word(hart, low) = *word(hart, middle);
    *word(hart, middle) = pivot;
    sort(hart, low, middle);
    sort(hart, middle + 1, high);
}

__attribute__((noreturn)) void work(u64 hart) {
    u64* shared = word(MAX_HARTS, 0);
    for (u64 round = hart;; round += MAX_HARTS) {
        fill(hart, round);
        sort(hart, 0, WORDS);
        __atomic_fetch_add(shared, *word(hart, WORDS / 2) / (round + 3), __ATOMIC_RELAXED);
        *TERMINAL = '0' + hart;
    }
}
