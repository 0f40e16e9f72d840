#pragma once

#include "harness.h"

/*
 * Identity gigapages for the program, and 4 KiB pages three levels deep for what is measured. The
 * PTEs of each level and the data at offset 0x300 lie in different sets of the D$.
 *
 *   0x0_0000_0000  devices, 0x0_8000_0000 DRAM        gigapages, not global
 *   0x1_8000_0000  USER_FAULTS    4 KiB pages that a fault handler maps
 *   0x2_0000_0000  USER           text, then a buffer
 *   0x6_0900_0000  PAGES          data of S-mode; page FUNCTION_PAGE is code
 */

#define PAGE 4096ul
#define USER_FAULTS 0x180000000ul
#define USER 0x200000000ul
#define USER_BUFFER (USER + 16 * PAGE)
#define PAGES 0x609000000ul
#define FUNCTION_PAGE 200

enum {
    PTE_V = 1 << 0,
    PTE_R = 1 << 1,
    PTE_W = 1 << 2,
    PTE_X = 1 << 3,
    PTE_U = 1 << 4,
    PTE_A = 1 << 6,
    PTE_D = 1 << 7,
    PTE_DATA = PTE_V | PTE_R | PTE_W | PTE_A | PTE_D,
};

static inline u64 pte_of(const void* target, u64 flags) {
    return ((u64)target / PAGE) << 10 | flags;
}

extern u64 root_table[512], middle_table[512], page_ptes[512], fault_ptes[512];
extern u8 data_pages[160][PAGE]; /* mapped at PAGES, the first 128 of them */
extern u8 big_area[64 * PAGE];
extern u64 user_buffer[2048];

/* address of a word in a data page, as the program's own mapping has it */
static inline u64 data_word(int page) { return (u64)data_pages[page] + 0x300; }
/* the same word in its 4 KiB page */
static inline u64 page_word(int page) { return PAGES + page * PAGE + 0x300; }

/* address in user space of something in the user text */
u64 user_address(const void* symbol);

static inline void fence_all(void) { asm volatile("sfence.vma" ::: "memory"); }
static inline void fence_va(u64 address) {
    asm volatile("sfence.vma %0" ::"r"(address) : "memory");
}
static inline void set_trap_handler(void (*handler)(void)) {
    asm volatile("csrw stvec, %0" ::"r"(handler));
}

void unexpected_trap(void);
