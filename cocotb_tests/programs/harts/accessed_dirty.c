// Svadu: the walker's update of A and D is atomic against what other harts do to the PTE.
#include "../env/harts.h"
#include "../env/vm.h"

#define VA 0x6000ull
#define ROUNDS 60

static volatile u64* pte;
static volatile u64 done __attribute__((aligned(64)));

static u64 store_again_and_again(u64 satp_value) {
    u64 result = 0;
    csr_set(menvcfg, BIT(61));
    csr_write(satp, satp_value);
    for (u64 round = 0; round < ROUNDS && !result; round++) {
        // clears A and D, so that the store below has to set them
        asm volatile("amoand.d zero, %1, (%0)" ::"r"(pte), "r"(~PTE_AD) : "memory");
        sfence_va(VA);
        if (round & 1) {
            store_translated(VA + 8, round);
        } else {
            load_translated(VA);
        }
        fence();
        u64 want = round & 1 ? PTE_AD : PTE_A;
        if ((*pte & PTE_AD) != want) result = mismatch(__LINE__, *pte & PTE_AD, want);
    }
    csr_write(satp, 0);
    sfence_all();
    csr_clear(menvcfg, BIT(61));
    fence();
    done = 1;
    return result;
}

TEST(an_update_loses_no_amo_of_another_hart) {
    if (!has_svadu()) return SKIP;
    vm_new();
    pte = vm_map(VA, pa_of(0), DATA);
    done = 0;
    begin(1, store_again_and_again, satp_of(0));
    u64 toggles = 0;
    while (!done) {
        asm volatile("amoxor.d zero, %1, (%0)" ::"r"(pte), "r"(BIT(8)) : "memory");
        toggles++;
    }
    PASS_ON(finish(1));
    CHECK(toggles > ROUNDS);
    EQUAL(*pte & ~PTE_AD, pte_of(pa_of(0), DATA & ~PTE_AD) | (toggles & 1) << 8);
    return 0;
}

static u64 load_while_it_changes(u64 satp_value) {
    u64 result = 0;
    csr_set(menvcfg, BIT(61));
    csr_write(satp, satp_value);
    while (!done && !result) {
        sfence_va(VA);
        u64 got = load_translated(VA);
        if (got != mark_of(0) && got != mark_of(1)) result = mismatch(__LINE__, got, mark_of(0));
    }
    csr_write(satp, 0);
    sfence_all();
    csr_clear(menvcfg, BIT(61));
    return result;
}

TEST(an_update_undoes_no_store_of_another_hart) {
    if (!has_svadu()) return SKIP;
    vm_new();
    pte = vm_map(VA, pa_of(0), DATA & ~PTE_AD);
    done = 0;
    begin(1, load_while_it_changes, satp_of(0));
    u64 result = 0, seen = 0;
    for (u64 round = 0; round < 8 * ROUNDS && !result; round++) {
        u64 written = pte_of(pa_of(round & 1), DATA & ~PTE_AD);
        *pte = written;
        fence();
        for (u64 wait = round % 60; wait; wait--) relax();
        u64 found = *pte;
        if ((found & ~PTE_A) != written) result = mismatch(__LINE__, found, written);
        seen += found != written;
    }
    done = 1;
    PASS_ON(finish(1));
    if (!result) CHECK(seen);
    return result;
}
