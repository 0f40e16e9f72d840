// Fences of n pages in each form, and what loading the pages again costs afterwards: claim H26.
//
// Each line says form and pages, then operations, minimum, median and maximum: `fence-` lines have
// the fence alone, `whole-` lines the fence and one load of each of the pages and of four others.
#include "microbenchmarks/address_space.h"

enum { OTHERS = 4, MOST = 64, FORMS = 4 };

u8 user_text[4], user_text_end[4];  // the address space has no user program

static inline u64 now(void) {
    u64 cycles;
    asm volatile("rdcycle %0" : "=r"(cycles)::"memory");
    return cycles;
}

// a word in another line of each page, so that they do not share a set of the D$
static inline void touch(int first, int count) {
    for (int page = first; page < first + count; page++) {
        load(PAGES + page * PAGE + page % 64 * 64);
    }
}

static inline void none(int pages) { (void)pages; }

static inline void each(int pages) {
    for (int page = 0; page < pages; page++) fence_va(PAGES + page * PAGE);
}

static inline void all(int pages) {
    (void)pages;
    fence_all();
}

static inline void batch(int pages) {
    asm volatile("sfence.w.inval" ::: "memory");
    for (int page = 0; page < pages; page++) {
        asm volatile("sinval.vma %0, zero" ::"r"(PAGES + page * PAGE) : "memory");
    }
    asm volatile("sfence.inval.ir" ::: "memory");
}

static const char* line(const char* what, const char* form, int pages) {
    static char text[32];
    char* at = text;
    while (*what) *at++ = *what++;
    while (*form) *at++ = *form++;
    *at++ = '-';
    if (pages >= 10) *at++ = '0' + pages / 10;
    *at++ = '0' + pages % 10;
    *at = 0;
    return text;
}

static inline void measure(const char* form, void (*fence)(int), int pages) {
    EACH_ROUND {
        touch(0, pages);
        touch(MOST, OTHERS);
        u64 begin = now();
        fence(pages);
        u64 fenced = now();
        touch(0, pages);
        touch(MOST, OTHERS);
        keep(0, round, fenced - begin);
        keep(1, round, now() - begin);
    }
    report(line("fence-", form, pages), 0, 1);
    report(line("whole-", form, pages), 1, 1);
}

int main(void) {
    for (int pages = 1; pages <= MOST; pages++) {
        if ((pages & (pages - 1)) && pages != 3) continue;
        measure("none", none, pages);
        measure("each", each, pages);
        measure("all", all, pages);
        measure("batch", batch, pages);
    }
    return 0;
}
