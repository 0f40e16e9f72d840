// A misaligned access traps before anything else is done for it: nothing is translated, read or
// written.
#include "provoke.h"

#define TARGET 0x20004000ull
#define UNTOUCHED 0x20008000ull
#define EVENT_DTLB_MISS 2

static const struct {
    const char* code;
    u64 bytes;
    u64 cause;
} accesses[] = {
    {snippet_lh, 2, LOAD_MISALIGNED},     {snippet_lw, 4, LOAD_MISALIGNED},
    {snippet_ld, 8, LOAD_MISALIGNED},     {snippet_lr, 8, LOAD_MISALIGNED},
    {snippet_sh, 2, STORE_MISALIGNED},    {snippet_sw, 4, STORE_MISALIGNED},
    {snippet_sd, 8, STORE_MISALIGNED},    {snippet_amo, 8, STORE_MISALIGNED},
    {snippet_amo_w, 4, STORE_MISALIGNED},
};
#define ACCESSES (sizeof(accesses) / sizeof(accesses[0]))

static void map_target(void) {
    provoke_setup();
    vm_map(TARGET, pa_of(0), DATA | PTE_U);
    vm_map(TARGET + PAGE, pa_of(1), DATA | PTE_U);
    vm_map(UNTOUCHED, pa_of(2), DATA | PTE_U);
    sfence_all();
}

TEST(misaligned_before_page_fault) {
    // An address that is misaligned and not mapped: the hart looks at alignment first.
    provoke_setup();
    struct outcome got = vm_run(U, snippet_ld, 0x20000ffd, 0);
    TRAPS(got, M, LOAD_MISALIGNED, code_at(U, snippet_ld), 0x20000ffd);
    got = vm_run(U, snippet_sd, 0x20000ffd, 0);
    TRAPS(got, M, STORE_MISALIGNED, code_at(U, snippet_sd), 0x20000ffd);
    got = vm_run(U, snippet_lw, 0x20000fff, 0);
    TRAPS(got, M, LOAD_MISALIGNED, code_at(U, snippet_lw), 0x20000fff);
    return 0;
}

// Around a word in the middle of a page, and across the border to the next page.
static u64 changes_nothing(u64 offset) {
    u64 next = offset + 8;
    u64 words[] = {pa_of(0) + offset, next < PAGE ? pa_of(0) + next : pa_of(1)};
    map_target();
    store64(words[0], mark_of(0));
    store64(words[1], mark_of(1));
    // Both are in the TLB, so that nothing but its alignment keeps the access from them.
    CHECK(vm_load(U, TARGET + offset).a0 == mark_of(0));
    CHECK(vm_load(U, TARGET + next).a0 == mark_of(1));
    for (u64 i = 0; i < ACCESSES; i++) {
        for (u64 byte = 1; byte < 8; byte++) {
            if (byte % accesses[i].bytes == 0) continue;
            u64 va = TARGET + offset + byte;
            struct outcome got = vm_run(U, accesses[i].code, va, 0xa5a5a5a5a5a5a5a5);
            TRAPS(got, M, accesses[i].cause, code_at(U, accesses[i].code), va);
            EQUAL(got.a0, va);
            EQUAL(load64(words[0]), mark_of(0));
            EQUAL(load64(words[1]), mark_of(1));
        }
    }
    return 0;
}

TEST(a_misaligned_access_changes_no_register_and_no_memory) { return changes_nothing(0x100); }

TEST(a_misaligned_access_across_pages_changes_nothing) { return changes_nothing(PAGE - 8); }

TEST(a_misaligned_access_is_not_translated) {
    map_target();
    csr_write(mhpmevent3, EVENT_DTLB_MISS);
    for (u64 i = 0; i < ACCESSES; i++) {
        // Handlers run in M-mode, which translates nothing.
        csr_write(mhpmcounter3, 0);
        struct outcome got = vm_run(U, accesses[i].code, UNTOUCHED + 1, 0);
        u64 misses = csr_read(mhpmcounter3);
        TRAPS(got, M, accesses[i].cause, code_at(U, accesses[i].code), UNTOUCHED + 1);
        EQUAL(misses, 0);
    }
    csr_write(mhpmevent3, 0);
    return 0;
}
