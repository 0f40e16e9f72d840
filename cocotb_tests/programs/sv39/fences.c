// What each form of sfence.vma has to drop, and what this machine keeps. That an entry was kept is
// seen by editing its PTE behind the TLB's back: an old value that is still used was cached.
#include "../env/vm.h"

#define VA_A 0x20000000ull
#define VA_B 0x28000000ull  // far from A: no entry has both
#define VA_G 0x30000000ull

// Whose translation it is that the hart uses for this address now: the page's number.
static int page_seen(u64 va) {
    struct outcome got = vm_load(U, va);
    if (!went_well(&got, U)) return -1;
    for (int page = 0; page < TEST_PAGES; page++) {
        if (got.a0 == mark_of(page)) return page;
    }
    return -2;
}

static void point(u64 va, int page, u64 extra) { vm_map(va, pa_of(page), DATA | PTE_U | extra); }

// A is page 0, B page 1, G (global) page 2; then all three are moved on by three pages.
static void cache_then_edit(u64 asid) {
    vm_new();
    point(VA_A, 0, 0);
    point(VA_B, 1, 0);
    point(VA_G, 2, PTE_G);
    vm_on(asid);
    sfence_all();
    page_seen(VA_A);
    page_seen(VA_B);
    page_seen(VA_G);
    point(VA_A, 3, 0);
    point(VA_B, 4, 0);
    point(VA_G, 5, PTE_G);
}

// Whether it can be seen here that a fence keeps what it does not cover: the golden model's fences
// drop everything, and a TLB of one entry has lost the others anyway.
static bool keeps_entries(void) {
    if (on_spike() || on_qemu()) return false;
    cache_then_edit(0);
    return page_seen(VA_A) == 0 && page_seen(VA_B) == 1 && page_seen(VA_G) == 2;
}

TEST(fence_of_everything_drops_everything) {
    cache_then_edit(0);
    sfence_all();
    EQUAL(page_seen(VA_A), 3);
    EQUAL(page_seen(VA_B), 4);
    EQUAL(page_seen(VA_G), 5);
    return 0;
}

TEST(fence_of_an_address_drops_it_in_every_address_space) {
    cache_then_edit(0);
    sfence_va(VA_A);
    EQUAL(page_seen(VA_A), 3);
    sfence_va(VA_G + 0x123);
    EQUAL(page_seen(VA_G), 5);
    return 0;
}

TEST(fence_of_an_address_keeps_another) {
    if (!keeps_entries()) return SKIP;
    cache_then_edit(0);
    sfence_va(VA_A);
    EQUAL(page_seen(VA_B), 1);
    EQUAL(page_seen(VA_G), 2);
    EQUAL(page_seen(VA_A), 3);
    return 0;
}

// The operands of the fence come from the two instructions before it.
TEST(fence_takes_operands_that_were_just_computed) {
    bool keeps = keeps_entries();
    cache_then_edit(0);
    u64 a = VA_A;
    asm volatile(
        "add t0, %0, zero\n"
        "sfence.vma t0, zero\n" ::"r"(a)
        : "t0", "memory");
    EQUAL(page_seen(VA_A), 3);
    if (keeps) EQUAL(page_seen(VA_B), 1);
    u64 where = VA_B;
    asm volatile(
        "ld t0, %0\n"
        "sfence.vma t0, zero\n" ::"m"(where)
        : "t0", "memory");
    EQUAL(page_seen(VA_B), 4);
    if (keeps) EQUAL(page_seen(VA_G), 2);
    return 0;
}

TEST(fence_of_an_asid_drops_its_own_and_keeps_what_is_global) {
    bool keeps = keeps_entries();
    u64 asid = 5 & asid_mask();
    cache_then_edit(asid);
    asm volatile(
        "li t0, 5\n"
        "sfence.vma zero, t0\n" ::
            : "t0", "memory");
    EQUAL(page_seen(VA_A), 3);
    EQUAL(page_seen(VA_B), 4);
    if (keeps) EQUAL(page_seen(VA_G), 2);
    return 0;
}

TEST(fence_of_an_address_and_asid_drops_that_one) {
    bool keeps = keeps_entries();
    u64 asid = 5 & asid_mask();
    cache_then_edit(asid);
    sfence_va_asid(VA_A, asid);
    EQUAL(page_seen(VA_A), 3);
    if (!keeps) return 0;
    EQUAL(page_seen(VA_B), 1);
    sfence_va_asid(VA_G, asid);
    EQUAL(page_seen(VA_G), 2);
    return 0;
}

TEST(fence_of_another_asid_keeps) {
    if (asid_mask() == 0 || !keeps_entries()) return SKIP;
    cache_then_edit(5);
    sfence_asid(6);
    sfence_va_asid(VA_A, 4);
    EQUAL(page_seen(VA_A), 0);
    EQUAL(page_seen(VA_B), 1);
    EQUAL(page_seen(VA_G), 2);
    return 0;
}

TEST(fence_with_zero_in_a_register_is_not_fence_of_x0) {
    // rs2 = a register that holds 0 means ASID 0, so what is global stays.
    if (!keeps_entries()) return SKIP;
    cache_then_edit(0);
    sfence_asid(0);
    EQUAL(page_seen(VA_A), 3);
    EQUAL(page_seen(VA_G), 2);
    // rs1 = a register that holds 0 means address 0.
    cache_then_edit(0);
    sfence_va(0);
    EQUAL(page_seen(VA_A), 0);
    EQUAL(page_seen(VA_B), 1);
    return 0;
}

TEST(a_translation_belongs_to_its_asid) {
    if (asid_mask() == 0) return SKIP;
    vm_new();
    point(VA_A, 0, 0);
    point(VA_G, 2, PTE_G);
    vm_on(1);
    sfence_all();
    EQUAL(page_seen(VA_A), 0);
    EQUAL(page_seen(VA_G), 2);
    point(VA_A, 3, 0);  // never fenced: ASID 2 has not used it yet
    vm_on(2);
    EQUAL(page_seen(VA_A), 3);
    EQUAL(page_seen(VA_G), 2);
    sfence_asid(1);
    vm_on(1);
    EQUAL(page_seen(VA_A), 3);
    return 0;
}

TEST(every_bit_of_the_asid_counts) {
    u64 mask = asid_mask();
    if (mask == 0) return SKIP;
    vm_new();
    point(VA_A, 0, 0);
    vm_on(0);
    sfence_all();
    EQUAL(page_seen(VA_A), 0);
    for (int bit = 0; bit < 16; bit++) {
        if (!(mask >> bit & 1)) continue;
        point(VA_A, 1 + bit % 7, 0);
        vm_on(BIT(bit));
        EQUAL(page_seen(VA_A), 1 + bit % 7);
    }
    return 0;
}

// G in a pointer says that everything below is global. A hart may make nothing of it, so all that
// can be asked for is that the fences that cover global entries work.
TEST(g_in_a_pointer_does_not_keep_entries_from_fences) {
    vm_new();
    point(VA_A, 0, 0);
    *(volatile u64*)vm_pte(VA_A, 1) |= PTE_G;
    vm_on(1 & asid_mask());
    sfence_all();
    EQUAL(page_seen(VA_A), 0);
    point(VA_A, 3, 0);
    sfence_va(VA_A);
    EQUAL(page_seen(VA_A), 3);
    point(VA_A, 4, 0);
    sfence_all();
    EQUAL(page_seen(VA_A), 4);
    return 0;
}

TEST(a_superpage_is_dropped_by_any_address_inside) {
    fill_large();
    for (int i = 0; i < 6; i++) {
        const u64 inside[] = {0, 8, PAGE, MEGAPAGE / 2, MEGAPAGE - PAGE, MEGAPAGE - 1};
        vm_new();
        vm_set(VA_A, 1, pte_of(LARGE, DATA | PTE_U));
        vm_on(0);
        sfence_all();
        struct outcome got = vm_load(U, VA_A + PAGE);
        EQUAL(got.a0, mark_of(1) + LARGE);
        vm_set(VA_A, 1, pte_of(LARGE + MEGAPAGE, DATA | PTE_U));
        sfence_va(VA_A + inside[i]);
        got = vm_load(U, VA_A + PAGE);
        EQUAL(got.a0, mark_of(1) + LARGE + MEGAPAGE);
    }
    return 0;
}

TEST(a_gigapage_is_dropped_by_any_address_inside) {
    const u64 va = 5 * GIGAPAGE;
    for (int i = 0; i < 5; i++) {
        const u64 inside[] = {0, MEGAPAGE, GIGAPAGE / 2, GIGAPAGE - PAGE, GIGAPAGE - 1};
        vm_new();
        vm_set(va, 2, pte_of(0x80000000, DATA | PTE_U));
        vm_on(0);
        sfence_all();
        struct outcome got = vm_load(U, va + (pa_of(0) & (GIGAPAGE - 1)));
        EQUAL(got.a0, mark_of(0));
        vm_set(va, 2, 0);
        sfence_va(va + inside[i]);
        got = vm_load(U, va + (pa_of(0) & (GIGAPAGE - 1)));
        EQUAL(got.cause, LOAD_PAGE);
    }
    return 0;
}

// A fence of one address covers its leaf, not the tables above: those take a fence of everything.
TEST(pointers_are_dropped_by_a_fence_without_address) {
    vm_new();
    point(VA_A, 0, 0);
    point(VA_B, 1, 0);
    vm_on(0);
    sfence_all();
    EQUAL(page_seen(VA_A), 0);
    u64 *pointer_a = vm_pte(VA_A, 1), *pointer_b = vm_pte(VA_B, 1);
    *(volatile u64*)pointer_a = *pointer_b;  // A's tables are B's now
    sfence_asid(0);
    EQUAL(page_seen(VA_A), 1);
    return 0;
}

TEST(a_fenced_page_table_edit_is_seen_by_fetch) {
    vm_new();
    static u32* code[2];
    for (int page = 0; page < 2; page++) {
        code[page] = (u32*)pa_of(page);
        ((volatile u32*)code[page])[0] = 0x00100513 + (page << 20);  // li a0, 1 + page
        ((volatile u32*)code[page])[1] = 0x00000073;
    }
    fence_i();
    vm_map(VA_A, pa_of(0), CODE | PTE_U);
    vm_on(0);
    sfence_all();
    struct outcome got = vm_fetch(U, VA_A);
    EQUAL(got.a0, 1);
    vm_map(VA_A, pa_of(1), CODE | PTE_U);
    sfence_va(VA_A);
    got = vm_fetch(U, VA_A);
    EQUAL(got.a0, 2);
    return 0;
}

// Stores to a page table that are still on their way when the walker looks: the fence orders them.
TEST(the_walker_sees_the_store_before_the_fence) {
    vm_new();
    vm_map(VA_A, pa_of(0), DATA | PTE_U);
    vm_on(0);
    sfence_all();
    u64* entry = vm_pte(VA_A, 0);
    for (int round = 0; round < 64; round++) {
        int page = round % TEST_PAGES;
        // evict the line of the PTE, so that the store misses
        for (u64 way = 1; way < 9; way++) load64((u64)entry + way * PAGE);
        asm volatile(
            "sd %0, 0(%1)\n"
            "sfence.vma %2\n" ::"r"(pte_of(pa_of(page), DATA | PTE_U)),
            "r"(entry), "r"(VA_A)
            : "memory");
        EQUAL(page_seen(VA_A), page);
    }
    return 0;
}

// The I$ is emptied and refilled while walks read tables that were just written.
TEST(the_walker_sees_stores_under_fence_i) {
    vm_new();
    vm_map(VA_A, pa_of(0), DATA | PTE_U);
    vm_on(0);
    sfence_all();
    u64* entry = vm_pte(VA_A, 0);
    for (int round = 0; round < 32; round++) {
        int page = round % TEST_PAGES;
        asm volatile(
            "sd %0, 0(%1)\n"
            "fence.i\n"
            "sfence.vma\n"
            "fence.i\n" ::"r"(pte_of(pa_of(page), DATA | PTE_U)),
            "r"(entry)
            : "memory");
        EQUAL(page_seen(VA_A), page);
    }
    return 0;
}

// satp can be changed without a fence to tables that were never used under that ASID.
TEST(satp_is_written_in_full_or_not_at_all) {
    vm_new();
    vm_on(0);
    u64 before = csr_read(satp);
    const u64 reserved[] = {1, 2, 7, 11, 12, 13, 14, 15};
    for (int i = 0; i < 8; i++) {
        csr_write(satp, reserved[i] << 60 | 0x80000);
        EQUAL(csr_read(satp), before);
    }
    csr_write(satp, 0);
    EQUAL(csr_read(satp), 0);
    return 0;
}

TEST(modes_beyond_sv39_leave_satp_alone) {
    if (on_spike() || on_qemu()) return SKIP;
    vm_new();
    vm_on(0);
    u64 before = csr_read(satp);
    for (u64 mode = 9; mode <= 10; mode++) {
        csr_write(satp, mode << 60 | 0x12345);
        EQUAL(csr_read(satp), before);
    }
    return 0;
}
