// The numbered steps of address translation (privileged spec, "Virtual Address Translation
// Process"), for loads, stores, AMOs and fetches.
#include "../env/vm.h"

#define VA 0x20000000ull
// in a gigabyte of its own, away from the code: its root entry can be anything
#define FAR (7 * GIGAPAGE + VA)

enum access { LOAD, STORE, AMO, FETCH, ACCESSES };

static const u64 page_fault[] = {LOAD_PAGE, STORE_PAGE, STORE_PAGE, FETCH_PAGE};
static const u64 access_fault[] = {LOAD_ACCESS, STORE_ACCESS, STORE_ACCESS, FETCH_ACCESS};

static struct outcome attempt(enum mode mode, enum access access, u64 va) {
    const char* snippet[] = {snippet_ld, snippet_sd, snippet_amo, snippet_jump};
    return vm_run(mode, snippet[access], va, 0);
}

// The access faults with this cause, in M-mode, and the handler finds the address.
static u64 faults(u64 line, enum mode mode, enum access access, u64 va, u64 cause) {
    const char* snippet[] = {snippet_ld, snippet_sd, snippet_amo, snippet_jump};
    struct outcome got = attempt(mode, access, va);
    u64 epc = access == FETCH ? va : code_at(mode, snippet[access]);
    return expect_trap(line | access << 28, &got, M, cause, epc, va);
}

static u64 all_fault(u64 line, enum mode mode, u64 va, const u64* causes) {
    for (enum access access = LOAD; access < ACCESSES; access++) {
        PASS_ON(faults(line, mode, access, va, causes[access]));
    }
    return 0;
}

static u64 works(u64 line, enum mode mode, enum access access, u64 va) {
    struct outcome got = attempt(mode, access, va);
    if (!went_well(&got, mode)) return mismatch(line | access << 28, got.cause, got.tval);
    return 0;
}

#define PAGE_FAULTS(mode, va) PASS_ON(all_fault(__LINE__, mode, va, page_fault))
#define ACCESS_FAULTS(mode, va) PASS_ON(all_fault(__LINE__, mode, va, access_fault))

// A page that can be executed: where a fetch arrives there is an ecall.
static void put_ecall(int page) {
    for (int i = 0; i < 512; i += 64) test_page[page][i] = 0x73;
    fence_i();
}

TEST(step_0_addresses_that_are_not_canonical_are_page_faults) {
    vm_new();
    vm_on(0);
    const u64 base[] = {VA, 0xffffffffc0000000};
    for (int i = 0; i < 2; i++) {
        for (int bit = 39; bit < 64; bit++) PAGE_FAULTS(S, base[i] ^ BIT(bit));
    }
    PAGE_FAULTS(U, 0x0000004000000000);
    PAGE_FAULTS(U, 0xffffffbffffffff8);
    PAGE_FAULTS(U, 0x8000000000000000);
    return 0;
}

TEST(step_0_both_halves_of_the_address_space_are_translated) {
    vm_new();
    put_ecall(1);
    const u64 vas[] = {0, 0x3ffffff000, 0xffffffc000000000, 0xfffffffffffff000};
    for (int i = 0; i < 4; i++) {
        vm_map(vas[i], pa_of(1), CODE | PTE_W | PTE_U);
    }
    vm_on(0);
    sfence_all();
    for (int i = 0; i < 4; i++) {
        struct outcome got = vm_load(U, vas[i]);
        CHECK(went_well(&got, U));
        EQUAL(got.a0, 0x73);
        PASS_ON(works(__LINE__, U, FETCH, vas[i]));
    }
    return 0;
}

TEST(step_1_only_s_and_u_mode_translate) {
    vm_new();
    vm_on(0);
    struct outcome got = run_in(M, snippet_ld, pa_of(2), 0);
    CHECK(went_well(&got, M));
    EQUAL(got.a0, mark_of(2));
    got = run_in(M, snippet_ld, VA, 0);  // nothing there physically
    TRAPS(got, M, LOAD_ACCESS, snippet_ld, VA);
    PAGE_FAULTS(S, VA);
    return 0;
}

TEST(bare_mode_does_not_translate) {
    csr_write(satp, 0);
    for (enum mode mode = U; mode <= S; mode++) {
        struct outcome got = run_in(mode, snippet_ld, pa_of(3), 0);
        CHECK(went_well(&got, mode));
    }
    return 0;
}

static u64 bad_table(u64 physical) {
    // A walk reads where there is no memory, at each level: an access fault of the access's type.
    const u64 va = FAR + 8;
    for (int level = 1; level >= 0; level--) {
        for (enum access access = LOAD; access < ACCESSES; access++) {
            vm_new();
            vm_set(va, level + 1, pte_of(physical, PTE_V));
            vm_on(0);
            sfence_all();
            PASS_ON(faults(__LINE__ | level << 24, U, access, va, access_fault[access]));
            PASS_ON(faults(__LINE__ | level << 24, S, access, va, access_fault[access]));
        }
    }
    return 0;
}

TEST(step_2_pte_outside_memory_is_an_access_fault_of_the_original_type) {
    PASS_ON(bad_table(0x18000000));
    return 0;
}

TEST(step_2_pte_beyond_the_last_memory_is_an_access_fault) {
    PASS_ON(bad_table(0x3ffffffffff000));
    return 0;
}

TEST(step_2_root_table_outside_memory_is_an_access_fault) {
    vm_new();
    for (enum access access = LOAD; access < FETCH; access++) {
        // the code itself needs the table: so M-mode accesses as S-mode would
        csr_write(satp, SATP_SV39 | 0x18000000 >> 12);
        sfence_all();
        u64 status = STATUS_MPRV | STATUS_MPP_OF(S);
        struct outcome got =
            run_in(M, access == LOAD ? snippet_mprv_ld : snippet_mprv_sd, VA, status);
        TRAPS(got, M, access_fault[access],
              (u64)(access == LOAD ? snippet_mprv_ld : snippet_mprv_sd) + 4, VA);
    }
    struct outcome got = run_in(S, snippet_ld, VA, 0);
    TRAPS(got, M, FETCH_ACCESS, snippet_ld, snippet_ld);
    return 0;
}

// Bits that are reserved in a leaf: reserved for standard use (60:54), Svpbmt (62:61), Svnapot
// (63).
TEST(step_3_reserved_high_bits_of_a_leaf_are_page_faults) {
    for (int level = 0; level < 2; level++) {
        vm_new();
        fill_large();
        vm_on(0);
        for (int bit = 54; bit < 64; bit++) {
            vm_set(VA, level, pte_of(LARGE, DATA | PTE_X | PTE_U) | BIT(bit));
            sfence_all();
            PAGE_FAULTS(U, VA);
        }
        vm_set(VA, level, pte_of(LARGE, DATA | PTE_X | PTE_U) | PTE_RSW);  // software's
        sfence_all();
        PASS_ON(works(__LINE__, U, LOAD, VA));
    }
    return 0;
}

// In a pointer D, A and U are reserved too; G is not, nor are the bits for software.
static u64 pointer_bits(int level) {
    vm_new();
    vm_map(FAR, pa_of(0), DATA | PTE_U | PTE_X);
    u64* pointer = vm_pte(FAR, level);
    u64 good = *pointer;
    vm_on(0);
    for (u64 bits = 1; bits < 16; bits++) {
        u64 wrong = (bits & 1 ? PTE_A : 0) | (bits & 2 ? PTE_D : 0) | (bits & 4 ? PTE_U : 0) |
                    (bits & 8 ? PTE_W : 0);
        *(volatile u64*)pointer = good | wrong;
        sfence_all();
        PAGE_FAULTS(U, FAR);
        PAGE_FAULTS(S, FAR);
    }
    for (int bit = 54; bit < 64; bit++) {
        *(volatile u64*)pointer = good | BIT(bit);
        sfence_all();
        PAGE_FAULTS(U, FAR);
    }
    *(volatile u64*)pointer = good & ~PTE_V;
    sfence_all();
    PAGE_FAULTS(U, FAR);
    *(volatile u64*)pointer = good | PTE_G | PTE_RSW;
    sfence_all();
    return works(__LINE__, U, LOAD, FAR);
}

TEST(step_4_reserved_bits_of_a_pointer_are_page_faults) { return pointer_bits(1); }
TEST(step_4_reserved_bits_of_a_root_pointer_are_page_faults) { return pointer_bits(2); }

TEST(step_4_a_pointer_at_the_last_level_is_a_page_fault) {
    vm_new();
    vm_set(VA, 0, pte_of(pa_of(0), PTE_V));
    vm_set(VA + PAGE, 0, pte_of(pa_of(0), PTE_V | PTE_G));
    vm_on(0);
    sfence_all();
    PAGE_FAULTS(U, VA);
    PAGE_FAULTS(S, VA + PAGE);
    return 0;
}

TEST(step_5_misaligned_superpages_are_page_faults) {
    vm_new();
    vm_on(0);
    for (int bit = 12; bit < 21; bit++) {
        vm_set(VA, 1, pte_of(LARGE | BIT(bit), DATA | PTE_X | PTE_U));
        sfence_all();
        PAGE_FAULTS(U, VA);
    }
    const u64 va = 5 * GIGAPAGE;
    for (int bit = 12; bit < 30; bit++) {
        vm_set(va, 2, pte_of(0x80000000 | BIT(bit), DATA | PTE_X | PTE_U));
        sfence_all();
        PAGE_FAULTS(U, va);
    }
    return 0;
}

TEST(step_10_the_offset_of_each_page_size_comes_from_the_address) {
    vm_new();
    for (u64 offset = 0; offset < 2 * MEGAPAGE; offset += 1 << 16)
        store64(LARGE + offset, offset + 1);
    vm_set(VA, 1, pte_of(LARGE, DATA | PTE_U));
    vm_set(VA + MEGAPAGE, 1, pte_of(LARGE + MEGAPAGE, DATA | PTE_U));
    vm_set(6 * GIGAPAGE, 2, pte_of(0x80000000, DATA | PTE_U));
    vm_on(0);
    sfence_all();
    for (u64 offset = 0; offset < 2 * MEGAPAGE; offset += 1 << 16) {
        struct outcome got = vm_load(U, VA + offset);
        CHECK(went_well(&got, U));
        EQUAL(got.a0, offset + 1);
        got = vm_load(U, 6 * GIGAPAGE + (LARGE - 0x80000000) + offset);
        CHECK(went_well(&got, U));
        EQUAL(got.a0, offset + 1);
    }
    return 0;
}

TEST(a_translated_address_outside_memory_is_an_access_fault) {
    vm_new();
    vm_map(VA, 0x18000000, DATA | PTE_X | PTE_U);
    vm_map(VA + PAGE, 0xfffffffffff000, DATA | PTE_X | PTE_U);
    vm_map(VA + 2 * PAGE, 0x80000000 + (128 << 20), DATA | PTE_X | PTE_U);
    vm_on(0);
    sfence_all();
    ACCESS_FAULTS(U, VA + 0x128);
    ACCESS_FAULTS(U, VA + PAGE + 0x128);
    ACCESS_FAULTS(U, VA + 2 * PAGE + 0x128);
    return 0;
}

TEST(lr_and_sc_fault_as_load_and_store) {
    vm_new();
    vm_map(VA, pa_of(0), PTE_V | PTE_R | PTE_AD | PTE_U);
    vm_on(0);
    sfence_all();
    struct outcome got = vm_run(U, snippet_lr, VA, 0);
    CHECK(went_well(&got, U));
    EQUAL(got.a0, mark_of(0));
    got = vm_run(U, snippet_lr, VA + PAGE, 0);
    TRAPS(got, M, LOAD_PAGE, code_at(U, snippet_lr), VA + PAGE);
    got = vm_run(U, snippet_lr_sc, VA, 0);
    TRAPS(got, M, STORE_PAGE, code_at(U, snippet_lr_sc) + 4, VA);
    got = vm_run(U, snippet_lr, VA + 4, 0);
    EQUAL(got.cause, LOAD_MISALIGNED);
    got = vm_run(U, snippet_amo, VA + 4, 0);
    EQUAL(got.cause, STORE_MISALIGNED);
    return 0;
}

// An access of every width faults where it starts, at the page's last bytes too.
TEST(xtval_is_the_address_of_the_access_at_every_offset) {
    vm_new();
    vm_on(0);
    const char* loads[] = {snippet_lb, snippet_lh, snippet_lw, snippet_ld};
    const char* stores[] = {snippet_sb, snippet_sh, snippet_sw, snippet_sd};
    for (int width = 0; width < 4; width++) {
        for (u64 offset = 0; offset < PAGE; offset += offset < 16 ? 1 << width : PAGE - 32) {
            u64 va = VA + offset;
            struct outcome got = vm_run(U, loads[width], va, 0);
            TRAPS(got, M, LOAD_PAGE, code_at(U, loads[width]), va);
            got = vm_run(U, stores[width], va, 0);
            TRAPS(got, M, STORE_PAGE, code_at(U, stores[width]), va);
        }
    }
    return 0;
}
