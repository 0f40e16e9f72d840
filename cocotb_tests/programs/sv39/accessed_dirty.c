// A and D bits: by trap (Svade), and by the hart (Svadu) where menvcfg.ADUE can be set.
#include "../env/vm.h"

#define VA 0x20000000ull
#define LEAF (PTE_V | PTE_R | PTE_W | PTE_X | PTE_U)

static u64 bits_of(int level) { return *(volatile u64*)vm_pte(VA, level) & (PTE_AD); }

static void leaf(int level, u64 bits) {
    vm_set(VA, level, pte_of(LARGE, LEAF | bits));
    sfence_all();
}

TEST(without_svadu_a_clear_a_or_d_bit_traps_and_stays_clear) {
    vm_new();
    store64(LARGE, 0x73);
    fence_i();
    vm_on(0);
    for (int level = 0; level < 2; level++) {
        leaf(level, 0);
        struct outcome got = vm_load(U, VA);
        TRAPS(got, M, LOAD_PAGE, code_at(U, snippet_ld), VA);
        got = vm_fetch(U, VA);
        TRAPS(got, M, FETCH_PAGE, VA, VA);
        got = vm_store(U, VA, 1);
        TRAPS(got, M, STORE_PAGE, code_at(U, snippet_sd), VA);
        leaf(level, PTE_D);  // D without A
        got = vm_store(U, VA, 1);
        TRAPS(got, M, STORE_PAGE, code_at(U, snippet_sd), VA);
        leaf(level, PTE_A);
        got = vm_store(U, VA, 1);
        TRAPS(got, M, STORE_PAGE, code_at(U, snippet_sd), VA);
        got = vm_run(U, snippet_amo, VA, 1);
        TRAPS(got, M, STORE_PAGE, code_at(U, snippet_amo), VA);
        got = vm_load(U, VA);
        CHECK(went_well(&got, U));
        EQUAL(bits_of(level), PTE_A);
        EQUAL(load64(LARGE), 0x73);
        vm_new();
        vm_on(0);
    }
    return 0;
}

TEST(setting_a_and_d_in_the_handler_lets_the_access_through) {
    vm_new();
    store64(LARGE, 0);
    vm_on(0);
    leaf(0, 0);
    struct outcome got = vm_store(U, VA, 7);
    EQUAL(got.cause, STORE_PAGE);
    *(volatile u64*)vm_pte(VA, 0) |= PTE_A;
    sfence_va(VA);
    got = vm_store(U, VA, 7);
    EQUAL(got.cause, STORE_PAGE);
    *(volatile u64*)vm_pte(VA, 0) |= PTE_D;
    sfence_va(VA);
    got = vm_store(U, VA, 7);
    CHECK(went_well(&got, U));
    EQUAL(load64(LARGE), 7);
    return 0;
}

TEST(svadu_loads_and_fetches_set_a_only) {
    if (!has_svadu()) return SKIP;
    csr_set(menvcfg, BIT(61));
    for (int level = 0; level < 2; level++) {
        vm_new();
        store64(LARGE, 0x73);
        fence_i();
        vm_on(0);
        leaf(level, 0);
        struct outcome got = vm_load(U, VA);
        CHECK(went_well(&got, U));
        EQUAL(bits_of(level), PTE_A);
        leaf(level, 0);
        got = vm_fetch(U, VA);
        CHECK(went_well(&got, U));
        EQUAL(bits_of(level), PTE_A);
    }
    return 0;
}

TEST(svadu_stores_and_amos_set_both) {
    if (!has_svadu()) return SKIP;
    csr_set(menvcfg, BIT(61));
    for (int level = 0; level < 2; level++) {
        vm_new();
        store64(LARGE, 0);
        vm_on(0);
        for (u64 before = 0; before < 4; before++) {
            leaf(level, (before & 1 ? PTE_A : 0) | (before & 2 ? PTE_D : 0));
            struct outcome got = vm_store(U, VA, 7);
            CHECK(went_well(&got, U));
            EQUAL(bits_of(level), PTE_AD);
            EQUAL(load64(LARGE), 7);
            leaf(level, before & 1 ? PTE_A : 0);
            got = vm_run(U, snippet_amo, VA, 1);
            CHECK(went_well(&got, U));
            EQUAL(got.a0, 7);
            EQUAL(bits_of(level), PTE_AD);
        }
    }
    return 0;
}

// A store after a load through the same entry: the entry knows that D is still clear.
TEST(svadu_a_store_after_a_load_sets_d) {
    if (!has_svadu()) return SKIP;
    csr_set(menvcfg, BIT(61));
    vm_new();
    vm_on(0);
    leaf(0, 0);
    struct outcome got = vm_load(U, VA);
    CHECK(went_well(&got, U));
    EQUAL(bits_of(0), PTE_A);
    got = vm_store(U, VA, 3);
    CHECK(went_well(&got, U));
    EQUAL(bits_of(0), PTE_AD);
    return 0;
}

TEST(svadu_sets_nothing_where_the_access_faults) {
    if (!has_svadu()) return SKIP;
    csr_set(menvcfg, BIT(61));
    vm_new();
    vm_on(0);
    const u64 patterns[] = {PTE_V | PTE_R | PTE_U, PTE_V | PTE_X | PTE_U, PTE_V | PTE_R | PTE_W,
                            PTE_R | PTE_W | PTE_U, PTE_V | PTE_W | PTE_U};
    for (u64 i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        vm_set(VA, 0, pte_of(LARGE, patterns[i]));
        sfence_all();
        struct outcome got = vm_store(U, VA, 1);
        EQUAL(got.cause, STORE_PAGE);
        EQUAL(bits_of(0), 0);
    }
    return 0;
}

TEST(svadu_keeps_the_rest_of_the_pte) {
    if (!has_svadu()) return SKIP;
    csr_set(menvcfg, BIT(61));
    vm_new();
    vm_on(0);
    u64 pte = pte_of(LARGE, LEAF | PTE_RSW | PTE_G);
    vm_set(VA, 0, pte);
    sfence_all();
    struct outcome got = vm_store(U, VA, 1);
    CHECK(went_well(&got, U));
    EQUAL(*(volatile u64*)vm_pte(VA, 0), pte | PTE_AD);
    EQUAL(*(volatile u64*)vm_pte(VA + PAGE, 0), 0);
    return 0;
}

TEST(svadu_off_by_menvcfg_traps_as_svade) {
    if (!has_svadu()) return SKIP;
    csr_clear(menvcfg, BIT(61));
    vm_new();
    vm_on(0);
    leaf(0, 0);
    struct outcome got = vm_load(U, VA);
    EQUAL(got.cause, LOAD_PAGE);
    EQUAL(bits_of(0), 0);
    return 0;
}
