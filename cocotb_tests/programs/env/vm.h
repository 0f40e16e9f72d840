// Page tables of a test. The kernel's gigabyte, where all of DRAM is, is mapped one to one for
// S-mode; below it a test maps what it wants.
#pragma once

#include "env.h"

#define PTE_V BIT(0)
#define PTE_R BIT(1)
#define PTE_W BIT(2)
#define PTE_X BIT(3)
#define PTE_U BIT(4)
#define PTE_G BIT(5)
#define PTE_A BIT(6)
#define PTE_D BIT(7)
#define PTE_RSW (3ull << 8)

#define PTE_AD (PTE_A | PTE_D)
#define PTE_RW (PTE_R | PTE_W)
#define PTE_RWX (PTE_R | PTE_W | PTE_X)

// a leaf for data, and for code, with nothing missing
#define DATA (PTE_V | PTE_RW | PTE_AD)
#define CODE (PTE_V | PTE_R | PTE_X | PTE_AD)

#define PAGE 4096ull
#define MEGAPAGE (1ull << 21)
#define GIGAPAGE (1ull << 30)

#define SATP_SV39 (8ull << 60)

static inline u64 pte_of(u64 pa, u64 flags) { return pa >> 12 << 10 | flags; }

// pages of a test, each filled with words that name it
#define TEST_PAGES 8
extern u64 test_page[TEST_PAGES][512];
static inline u64 pa_of(int page) { return (u64)test_page[page]; }
static inline u64 mark_of(int page) { return 0x1111111111111111ull * (page + 1); }

// physical memory beyond the image, aligned to 2 MiB, for superpages: fill_large() writes the marks
// of pages 0 and 1 at the start of each
#define LARGE 0x80400000ull
void fill_large(void);

// Empty tables, marked pages, nothing cached.
void vm_new(void);

// Store the PTE of `va` at this level, making the tables above it; return where it is.
u64* vm_set(u64 va, int level, u64 pte);

static inline u64* vm_map(u64 va, u64 pa, u64 flags) { return vm_set(va, 0, pte_of(pa, flags)); }

// The PTE of `va` at this level; the tables above it must be there.
u64* vm_pte(u64 va, int level);

u64 satp_of(u64 asid);
static inline void vm_on(u64 asid) { csr_write(satp, satp_of(asid)); }

// the snippets, executable in U-mode and in S-mode at these addresses
#define USER_CODE 0x10000000ull
#define SUPERVISOR_CODE 0x10001000ull
static inline u64 code_at(enum mode mode, const char* snippet) {
    u64 offset = (u64)snippet - (u64)snippets;
    return (mode == U ? USER_CODE : SUPERVISOR_CODE) + offset;
}

// Runs a snippet through its mapping above.
struct outcome vm_run(enum mode mode, const char* snippet, u64 a0, u64 a1);
static inline struct outcome vm_load(enum mode mode, u64 va) {
    return vm_run(mode, snippet_ld, va, 0);
}
static inline struct outcome vm_store(enum mode mode, u64 va, u64 value) {
    return vm_run(mode, snippet_sd, va, value);
}
// Jumps to `va`; on the page there `ecall` or whatever the test put there ends it.
static inline struct outcome vm_fetch(enum mode mode, u64 va) {
    return vm_run(mode, snippet_jump, va, 0);
}

// It ended with the ecall of the piece of code: nothing trapped before.
static inline bool went_well(const struct outcome* outcome, enum mode mode) {
    return outcome->cause == ecall_from(mode);
}
