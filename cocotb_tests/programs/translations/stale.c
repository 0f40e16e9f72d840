// Translations that are used after page tables have changed, on purpose: test_translations.py
// knows what the oracle has to say of each test. One test a run; hart 0 edits.
#include "../env/harts.h"
#include "../env/vm.h"

#define VA 0x20000000ull
#define LARGE_VA 0x40000000ull

// The entry for VA, stored and performed.
static void point(int page, u64 flags) {
    vm_map(VA, pa_of(page), flags);
    fence();
}

static void start_with_page_0(void) {
    vm_new();
    vm_map(VA, pa_of(0), DATA);
    vm_on(0);
    sfence_all();
    load_translated(VA);
}

TEST(another_page_until_the_fence) {
    start_with_page_0();
    point(1, DATA);
    EQUAL(load_translated(VA), mark_of(0));
    EQUAL(load_translated(VA), mark_of(0));
    sfence_va(VA);
    EQUAL(load_translated(VA), mark_of(1));
    return 0;
}

TEST(no_page_until_the_fence) {
    start_with_page_0();
    point(0, 0);
    EQUAL(load_translated(VA), mark_of(0));
    sfence_all();
    struct outcome got = vm_load(S, VA);
    EQUAL(got.cause, LOAD_PAGE);
    return 0;
}

TEST(less_permission_until_the_fence) {
    start_with_page_0();
    store_translated(VA, 1);
    point(0, DATA & ~PTE_W);
    store_translated(VA, 2);
    load_translated(VA);
    EQUAL(test_page[0][0], 2);
    sfence_va(VA);
    struct outcome got = vm_store(S, VA, 3);
    EQUAL(got.cause, STORE_PAGE);
    return 0;
}

TEST(a_superpage_until_any_address_in_it_is_fenced) {
    fill_large();
    vm_new();
    vm_set(LARGE_VA, 1, pte_of(LARGE, DATA));
    vm_on(0);
    sfence_all();
    EQUAL(load_translated(LARGE_VA + PAGE), mark_of(1) + LARGE);
    vm_set(LARGE_VA, 1, pte_of(LARGE + MEGAPAGE, DATA));
    fence();
    EQUAL(load_translated(LARGE_VA), mark_of(0) + LARGE);
    EQUAL(load_translated(LARGE_VA + PAGE), mark_of(1) + LARGE);
    sfence_va(LARGE_VA + 17 * PAGE);
    EQUAL(load_translated(LARGE_VA), mark_of(0) + LARGE + MEGAPAGE);
    return 0;
}

TEST(another_address_space_without_a_fence) {
    start_with_page_0();
    u64* root = vm_pte(VA, 2);
    u64 kept = *root;
    u64 satp = csr_read(satp);
    csr_write(satp, 0);
    *root = 0;
    fence();
    csr_write(satp, satp);
    EQUAL(load_translated(VA), mark_of(0));
    *root = kept;
    fence();
    EQUAL(load_translated(VA), mark_of(0));
    return 0;
}

TEST(a_fault_that_a_walk_would_not_take) {
    start_with_page_0();
    point(0, 0);
    sfence_all();
    struct outcome got = vm_load(S, VA);
    EQUAL(got.cause, LOAD_PAGE);
    point(1, DATA);
    got = vm_load(S, VA);
    EQUAL(got.cause, LOAD_PAGE);
    sfence_va(VA);
    got = vm_load(S, VA);
    EQUAL(got.a0, mark_of(1));
    return 0;
}

static volatile u64 step __attribute__((aligned(64)));

static void pass(u64 number) {
    fence();
    step = number;
}

static void reach(u64 number) {
    while (step != number) relax();
    fence();
}

static u64 use_until_fenced(u64 satp) {
    csr_write(satp, satp);
    sfence_all();
    load_translated(VA);
    pass(1);
    reach(2);
    for (int i = 0; i < 3; i++) EQUAL(load_translated(VA), mark_of(0));
    sfence_va(VA);
    EQUAL(load_translated(VA), mark_of(1));
    csr_write(satp, 0);
    sfence_all();
    return 0;
}

TEST(a_fence_of_one_hart_leaves_another_with_the_old_page) {
    start_with_page_0();
    step = 0;
    begin(1, use_until_fenced, csr_read(satp));
    reach(1);
    point(1, DATA);
    sfence_all();
    EQUAL(load_translated(VA), mark_of(1));
    pass(2);
    return finish(1);
}

// The schedule of H31. T and U are threads, page 0 is A and page 1 is B; each entry into the
// kernel maps a page below the thread's stack and fences that address on its own hart, each way
// out unmaps it without a fence.
#define STACK_T 0x20010000ull
#define STACK_U 0x20020000ull
#define LINE 8  // of the stack page, where a thread keeps its data

static void enter_kernel(u64 stack, int page) {
    vm_map(stack, pa_of(page), DATA);
    fence();
    sfence_va(stack);
}

static void leave_kernel(u64 stack) {
    vm_map(stack, 0, 0);
    fence();
}

// T wakes on hart 1: out to user mode, where it had page A, and in again with B, deep.
static u64 migrated_t(u64 satp) {
    csr_write(satp, satp);
    sfence_all();
    leave_kernel(STACK_T);
    pass(1);
    reach(2);
    enter_kernel(STACK_T, 1);
    store_translated(STACK_T + 8 * LINE, 0xdeed);
    csr_write(satp, 0);
    sfence_all();
    return 0;
}

static u64 schedule(bool fence_after_migration) {
    vm_new();
    vm_map(STACK_T, 0, 0);
    vm_map(STACK_U, 0, 0);
    vm_on(0);
    sfence_all();
    step = 0;
    // (1) T enters on hart 0 with A, goes deep, and sleeps.
    enter_kernel(STACK_T, 0);
    store_translated(STACK_T + 8 * LINE, 0x7777);
    // (2) It wakes on hart 1 and leaves: A is free.
    begin(1, migrated_t, csr_read(satp));
    reach(1);
    // (3) U enters on hart 0 and gets A.
    enter_kernel(STACK_U, 0);
    store_translated(STACK_U + 8 * LINE, 0x5555);
    // (4) T enters on hart 1 with B, and sleeps.
    pass(2);
    PASS_ON(finish(1));
    // (5) It wakes on hart 0, and finds what it kept there, and changes it.
    if (fence_after_migration) sfence_va(STACK_T);
    u64 found = load_translated(STACK_T + 8 * LINE);
    store_translated(STACK_T + 8 * LINE, found + 1);
    u64 of_u = load_translated(STACK_U + 8 * LINE);
    if (fence_after_migration) {
        EQUAL(found, 0xdeed);
        EQUAL(of_u, 0x5555);
    } else {
        EQUAL(found, 0x5555);
        EQUAL(of_u, 0x5556);
    }
    return 0;
}

TEST(a_stack_that_came_back_to_a_hart) { return schedule(false); }

TEST(a_stack_that_came_back_to_a_hart_which_fences_it) { return schedule(true); }
