#include "address_space.h"

extern u64 time_load(u64), time_8_fence_va(u64), time_chase(u64, u64),
    time_touch_three(u64, u64, u64);
u64 time_load_after_fence_va(u64, u64), time_load_after_fence_all(u64, u64, const u64*);
u64 time_call(u64), time_call_after_fence_va(u64), time_call_norvc_warm(u64);
u64 time_call_norvc_after_fence_va(u64), time_call_norvc_after_fence_all(u64);
struct pair time_fence_all(u64), time_fence_va(u64, u64), time_fence_va_asid(u64, u64, u64);
struct pair time_fence_asid(u64, u64);
struct pair time_map_fence_each(u64*, u64, u64), time_map_fence_all(u64*, u64, u64);
struct pair time_map_without_fence(u64*, u64, u64);

enum { TEST_PAGE = 40, OTHER_PAGE = 77, MAPPED_PAGE = 131, OTHER_ASID = 5 };

void fences(void) {
    const u64 word = page_word(TEST_PAGE), other = PAGES + OTHER_PAGE * PAGE, own = self_pointer();
    MEASURE("load-4k-page-warm", 1, time_load(word));
    MEASURE("sfence-vma-va-x8-back-to-back", 8, time_8_fence_va(word));
    MEASURE_PAIR("sfence-vma-all",
                 "sfence-vma-all-next-ld-4k-page-3-level-walk-itlb-refilled-by-sfence",
                 (time_load(word), time_fence_all(word)));
    MEASURE_PAIR("sfence-vma-all-2", "sfence-vma-all-next-ld-kernel-gigapage",
                 (time_load(own), time_fence_all(own)));
    MEASURE_PAIR("sfence-vma-va", (const char*)0, (time_load(word), time_fence_va(word, word)));
    MEASURE_PAIR((const char*)0, "sfence-vma-other-va-next-ld-4k-warm",
                 (time_load(word), time_fence_va(word, other)));
    MEASURE_PAIR("sfence-vma-va-asid0", "sfence-vma-va-asid0-next-ld-same-va-4k",
                 (time_load(word), time_fence_va_asid(word, word, 0)));
    MEASURE_PAIR("sfence-vma-va-asid5", (const char*)0,
                 (time_load(word), time_fence_va_asid(word, word, OTHER_ASID)));
    MEASURE_PAIR("sfence-vma-x0-asid0", "sfence-vma-x0-asid0-next-ld-4k",
                 (time_load(word), time_fence_asid(word, 0)));
    MEASURE_PAIR((const char*)0, "sfence-vma-x0-asid5-next-ld-4k",
                 (time_load(word), time_fence_asid(word, OTHER_ASID)));
}

/* a ring of pointers through `pages` pages, `step` apart, in a different line of each */
static u64 ring(int pages, int step) {
    for (int i = 0; i < pages; i++) {
        const int next = (i + 1) % pages;
        u64* cell = (u64*)(data_pages[i * step] + i * 64 % PAGE);
        *cell = PAGES + next * step * PAGE + next * 64 % PAGE;
    }
    fence_all();
    return PAGES;
}

static void chase(void) {
    enum { LOADS = 128 };
    static const struct {
        const char* id;
        int pages, step;
    } rings[] = {
        {"page-chase-k-consecutive-pages-x128-loads-k-1", 1, 1},
        {"page-chase-k-consecutive-pages-x128-loads-k-8", 8, 1},
        {"page-chase-k-consecutive-pages-x128-loads-k-16", 16, 1},
        {"page-chase-k-consecutive-pages-x128-loads-k-32", 32, 1},
        {"page-chase-k-consecutive-pages-x128-loads-k-33", 33, 1},
        {"page-chase-k-consecutive-pages-x128-loads-k-64", 64, 1},
        {"page-chase-k-pages-8-apart-x128-loads-k-8", 8, 8},
        {"page-chase-k-pages-8-apart-x128-loads-k-9", 9, 8},
        {"page-chase-k-pages-8-apart-x128-loads-k-16", 16, 8},
    };
    for (unsigned i = 0; i < sizeof rings / sizeof *rings; i++) {
        const u64 first = ring(rings[i].pages, rings[i].step);
        MEASURE(rings[i].id, LOADS, time_chase(first, LOADS));
    }
}

void tlb_misses(void) {
    static const u64 nothing = 0;
    const u64 word = page_word(TEST_PAGE), data = data_word(TEST_PAGE), own = self_pointer();
    const u64 leaf = (u64)&page_ptes[TEST_PAGE], middle = (u64)&middle_table[PAGES >> 21 & 511];
    const u64 root = (u64)&root_table[PAGES >> 30], function = PAGES + FUNCTION_PAGE * PAGE;
    MEASURE("ld-warm-dtlb-hit", 1, (time_load(word), time_load(word)));
    MEASURE("dtlb-miss-sfence-va-pte-warm-leaf-pte-cold", 1,
            (time_load(word), evict(leaf), time_load_after_fence_va(word, own)));
    MEASURE("dtlb-miss-sfence-all-leaf-pte-line-cold-only", 1,
            (time_load(word), evict(leaf), time_load_after_fence_all(word, own, &nothing)));
    MEASURE("dtlb-miss-sfence-all-3-pte-lines-cold-data-warm", 1,
            (time_load(word), evict(leaf), evict(middle), evict(root),
             time_load_after_fence_all(word, own, &nothing)));
    MEASURE("dtlb-miss-sfence-all-3-pte-data-cold", 1,
            (time_load(word), evict(leaf), evict(middle), evict(root), evict(data),
             time_load_after_fence_all(word, own, &nothing)));
    chase();
    MEASURE("itlb-miss-sfence-va-pte-warm", 1,
            (time_call(function), time_call_after_fence_va(function)));
    MEASURE("no-run-ahead-norvc-call-itlb-hit", 1,
            (time_call(function), time_call_norvc_warm(function)));
    MEASURE("no-run-ahead-norvc-itlb-miss-sfence-va", 1,
            (time_call(function), time_call_norvc_after_fence_va(function)));
    MEASURE("no-run-ahead-norvc-itlb-miss-sfence-all", 1,
            (time_call(function), time_call_norvc_after_fence_all(function)));
}

static void forget_each(u64 address) {
    for (int i = 0; i < 3; i++) fence_va(address + i * PAGE);
}

/* the three pages are not mapped, their data and the kernel's own translation at hand */
static u64* prepare(void (*forget)(u64)) {
    u64* ptes = &page_ptes[MAPPED_PAGE];
    for (int i = 0; i < 3; i++) ptes[i] = 0;
    forget(page_word(MAPPED_PAGE));
    for (int i = 0; i < 3; i++) load(data_word(MAPPED_PAGE + i));
    load(self_pointer());
    return ptes;
}

static void forget_all(u64 address) {
    (void)address;
    fence_all();
}

void map_three(void) {
    const u64 word = page_word(MAPPED_PAGE), pte = pte_of(data_pages[MAPPED_PAGE], PTE_DATA);
    MEASURE_PAIR((const char*)0, "3x-sd-pte-sfence-va-pte-warm-map-touch-3",
                 time_map_fence_each(prepare(forget_each), pte, word));
    MEASURE_PAIR("3x-sd-pte-sfence-all-map", "3x-sd-pte-sfence-all-map-touch-3",
                 time_map_fence_all(prepare(forget_each), pte, word));
    MEASURE_PAIR("3x-sd-pte-no-sfence-map", "3x-sd-pte-no-sfence-map-touch-3",
                 time_map_without_fence(prepare(forget_each), pte, word));
    MEASURE_PAIR((const char*)0, "3x-sd-pte-sfence-va-pte-cold-map-touch-3",
                 time_map_fence_each(prepare(forget_all), pte, word));
    MEASURE("touch-3-warm", 1, (time_touch_three(0, 0, word), time_touch_three(0, 0, word)));
}
