// Page tables that another hart changes.
#include "../env/harts.h"
#include "../env/vm.h"

#define VA 0x5000ull
#define ROUNDS 40

static volatile u64 step __attribute__((aligned(64)));

static void reach(u64 number) {
    while (step != number) relax();
    fence();
}

static void pass(u64 number) {
    fence();
    step = number;
}

static u64 follow(u64 satp_value) {
    u64 result = 0;
    csr_write(satp, satp_value);
    sfence_all();
    for (u64 round = 1; round <= ROUNDS && !result; round++) {
        reach(2 * round - 1);
        if (round & 1) {
            sfence_va(VA);
        } else {
            sfence_all();
        }
        u64 got = load_translated(VA), want = mark_of(round % TEST_PAGES);
        if (got != want) result = mismatch(__LINE__, got, want);
        pass(2 * round);
    }
    csr_write(satp, 0);
    sfence_all();
    return result;
}

TEST(a_walk_after_a_fence_reads_what_another_hart_has_written) {
    vm_new();
    vm_map(VA, pa_of(0), DATA);
    step = 0;
    begin(1, follow, satp_of(0));
    for (u64 round = 1; round <= ROUNDS; round++) {
        vm_map(VA, pa_of(round % TEST_PAGES), DATA);
        pass(2 * round - 1);
        reach(2 * round);
    }
    return finish(1);
}

static u64 table[2][512] __attribute__((aligned(4096)));

static u64 follow_tables(u64 satp_value) {
    u64 result = 0;
    csr_write(satp, satp_value);
    sfence_all();
    for (u64 round = 1; round <= ROUNDS && !result; round++) {
        reach(2 * round - 1);
        sfence_all();
        u64 got = load_translated(VA), want = mark_of(round & 1);
        if (got != want) result = mismatch(__LINE__, got, want);
        pass(2 * round);
    }
    csr_write(satp, 0);
    sfence_all();
    return result;
}

TEST(a_table_that_another_hart_exchanged_is_used_after_a_fence) {
    vm_new();
    vm_map(VA, pa_of(0), DATA);
    for (int i = 0; i < 2; i++) table[i][VA >> 12] = pte_of(pa_of(i), DATA);
    volatile u64* pointer = vm_pte(VA, 1);
    step = 0;
    begin(1, follow_tables, satp_of(0));
    for (u64 round = 1; round <= ROUNDS; round++) {
        *pointer = pte_of((u64)table[round & 1], PTE_V);
        pass(2 * round - 1);
        reach(2 * round);
    }
    return finish(1);
}
