#include "vm.h"

#define TABLES 16

static u64 table[TABLES][512] __attribute__((aligned(4096)));
static int tables;

u64 test_page[TEST_PAGES][512] __attribute__((aligned(4096)));

static u64* new_table(void) {
    u64* page = table[tables++];
    if (tables > TABLES) __builtin_trap();
    for (int i = 0; i < 512; i++) ((volatile u64*)page)[i] = 0;
    return page;
}

void vm_new(void) {
    tables = 0;
    new_table();
    for (int page = 0; page < TEST_PAGES; page++) {
        for (int i = 0; i < 512; i += 64) test_page[page][i] = mark_of(page);
    }
    table[0][2] = pte_of(0x80000000, PTE_V | PTE_RWX | PTE_G | PTE_AD);
    vm_map(USER_CODE, (u64)snippets, CODE | PTE_U);
    vm_map(SUPERVISOR_CODE, (u64)snippets, CODE);
    sfence_all();
    fence_i();
}

u64* vm_pte(u64 va, int level) {
    u64* page = table[0];
    for (int above = 2; above > level; above--) {
        page = (u64*)(page[va >> (12 + 9 * above) & 511] >> 10 << 12);
    }
    return &page[va >> (12 + 9 * level) & 511];
}

u64* vm_set(u64 va, int level, u64 pte) {
    for (int above = 2; above > level; above--) {
        u64* entry = vm_pte(va, above);
        if (!*entry) *entry = pte_of((u64)new_table(), PTE_V);
    }
    u64* entry = vm_pte(va, level);
    *(volatile u64*)entry = pte;
    return entry;
}

u64 satp_of(u64 asid) { return SATP_SV39 | asid << 44 | (u64)table[0] >> 12; }

struct outcome vm_run(enum mode mode, const char* snippet, u64 a0, u64 a1) {
    return run_at(mode, code_at(mode, snippet), a0, a1);
}

void fill_large(void) {
    for (u64 large = LARGE; large < LARGE + 2 * MEGAPAGE; large += MEGAPAGE) {
        for (int page = 0; page < 2; page++) {
            store64(large + page * PAGE, mark_of(page) + large);
        }
    }
}
