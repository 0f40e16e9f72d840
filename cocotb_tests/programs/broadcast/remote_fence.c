// The strap broadcast_fence: sinval.vma of one hart holds for all harts when it has retired.
#include "../env/harts.h"
#include "../env/vm.h"

#define VA 0x7000ull
#define OTHER_VA 0x8000ull
#define ROUNDS 60

static volatile u64 stop __attribute__((aligned(64)));
static volatile u64 progress[8 * MOST_HARTS] __attribute__((aligned(64)));

static void sinval(u64 round) {
    asm volatile("sfence.w.inval" ::: "memory");
    if (round & 1) {
        asm volatile("sinval.vma %0, zero" ::"r"(VA) : "memory");
    } else {
        asm volatile("sinval.vma zero, zero" ::: "memory");
    }
    asm volatile("sfence.inval.ir" ::: "memory");
}

// What is behind VA belongs to nobody else as long as it is mapped there.
static u64 use(u64 hart) {
    u64 result = 0, rounds = 0;
    csr_write(satp, satp_of(0));
    while (!stop && !result) {
        u64 got = load_translated(VA);
        if (got == ~0ull) result = __LINE__;
        store_translated(VA + 8 * hart, ++rounds);
        load_translated(OTHER_VA);
        progress[8 * hart] = rounds;
    }
    stop = 1;
    csr_write(satp, 0);
    sfence_all();
    return result;
}

static void let_them_go_on(void) {
    EACH_OTHER(hart) {
        u64 before = progress[8 * hart];
        while (progress[8 * hart] < before + 2 && !stop) relax();
    }
}

TEST(nobody_uses_a_translation_after_the_broadcast_fence) {
    vm_new();
    u64* pte = vm_map(VA, pa_of(0), DATA);
    vm_map(OTHER_VA, pa_of(2), DATA);
    stop = 0;
    u64 result = 0;
    EACH_OTHER(hart) begin(hart, use, hart);
    for (u64 round = 1; round <= ROUNDS && !result; round++) {
        let_them_go_on();
        volatile u64 *given = test_page[round & 1], *taken = test_page[~round & 1];
        given[0] = mark_of(round & 1);
        fence();
        *(volatile u64*)pte = pte_of((u64)given, DATA);
        sinval(round);
        taken[0] = ~0ull;
        u64 seen[MOST_HARTS];
        EACH_OTHER(hart) seen[hart] = taken[hart];
        for (u64 wait = 0; wait < 60; wait++) relax();
        EACH_OTHER(hart) {
            if (taken[hart] != seen[hart]) result = mismatch(__LINE__, taken[hart], seen[hart]);
        }
    }
    stop = 1;
    EACH_OTHER(hart) {
        u64 others = finish(hart);
        if (!result) result = others;
    }
    return result;
}

// All harts at once: each gets its turn, and takes the others' fences while it waits.
static u64 fence_often(u64 hart) {
    for (u64 round = 0; round < ROUNDS; round++) sinval(round + hart);
    return 0;
}

TEST(all_harts_may_fence_at_once) { return together(fence_often); }
