// Every pattern of the low 8 bits of a leaf, at every level, for loads, stores, AMOs and fetches
// from U- and S-mode: steps 3 to 8 of address translation.
#include "../env/vm.h"

#define VA 0x20000000ull

enum access { LOAD, STORE, AMO, FETCH, ACCESSES };

static const u64 page_fault[] = {LOAD_PAGE, STORE_PAGE, STORE_PAGE, FETCH_PAGE};

static bool invalid(u64 bits) { return !(bits & PTE_V) || (!(bits & PTE_R) && (bits & PTE_W)); }
static bool is_leaf(u64 bits) { return bits & (PTE_R | PTE_X); }

static u64 expected(enum mode mode, enum access access, u64 bits, u64 status) {
    u64 fault = page_fault[access];
    if (invalid(bits) || !is_leaf(bits)) return fault;
    bool writes = access == STORE || access == AMO;
    bool readable = bits & PTE_R || (status & STATUS_MXR && bits & PTE_X);
    if (access == FETCH && !(bits & PTE_X)) return fault;
    if (access == LOAD && !readable) return fault;
    if (writes && !(bits & PTE_W)) return fault;
    if (mode == U && !(bits & PTE_U)) return fault;
    if (mode == S && bits & PTE_U && (access == FETCH || !(status & STATUS_SUM))) return fault;
    if (!(bits & PTE_A) || (writes && !(bits & PTE_D))) return fault;
    return ecall_from(mode);
}

// Each pattern is fenced, so that what is checked is the walk, and what it installed: each access
// is made twice.
static u64 sweep(int level, u64 status) {
    const char* snippet[] = {snippet_ld, snippet_sd, snippet_amo, snippet_jump};
    // A gigabyte that nothing else is in, for the leaf of 1 GiB. Where the pattern is a pointer it
    // leads to a table of zeros.
    const u64 base = level == 2 ? 5 * GIGAPAGE : VA;
    const u64 target = base + (level == 2 ? LARGE & (GIGAPAGE - 1) : 0) + (level ? 5 * PAGE : 0);
    const u64 page = level == 2 ? 0x80000000 : LARGE;
    const u64 data = LARGE + (level ? 5 * PAGE : 0);
    vm_new();
    for (u64 word = LARGE; word < LARGE + PAGE; word += 8) store64(word, 0);
    vm_on(0);
    csr_set(mstatus, status);
    for (u64 bits = 0; bits < 256; bits++) {
        // the image's first page is no table of zeros
        if (level == 2 && bits & PTE_V && !(bits & PTE_W) && !is_leaf(bits)) continue;
        store64(data, 0x73);  // ecall
        vm_set(base, level, pte_of(page, bits));
        fence_i();
        sfence_all();  // a pattern may be a pointer, which a fence of an address does not cover
        for (enum mode mode = U; mode <= S; mode++) {
            for (enum access access = LOAD; access < ACCESSES; access++) {
                u64 want = expected(mode, access, bits, status);
                sfence_va(target);
                for (int twice = 0; twice < 2; twice++) {
                    struct outcome got =
                        vm_run(mode, snippet[access], target, access == STORE ? 0x73 : 0);
                    u64 line = __LINE__ | bits << 16 | mode << 24 | access << 26;
                    if (got.cause != want) return mismatch(line, got.cause, want);
                    if (want == page_fault[access]) {
                        if (got.tval != target) return mismatch(line, got.tval, target);
                    } else if (access != STORE && access != FETCH && got.a0 != 0x73) {
                        return mismatch(line, got.a0, 0x73);
                    }
                }
            }
        }
        EQUAL(*(volatile u64*)vm_pte(base, level), pte_of(page, bits));
    }
    return 0;
}

TEST(every_pattern_of_a_4_kib_leaf) { return sweep(0, 0); }
TEST(every_pattern_of_a_2_mib_leaf) { return sweep(1, 0); }
TEST(every_pattern_of_a_1_gib_leaf) { return sweep(2, 0); }
TEST(sum_with_every_pattern) { return sweep(0, STATUS_SUM); }
TEST(mxr_with_every_pattern) { return sweep(0, STATUS_MXR); }
TEST(sum_and_mxr_with_every_pattern_of_a_2_mib_leaf) { return sweep(1, STATUS_SUM | STATUS_MXR); }
