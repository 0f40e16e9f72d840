#include "address_space.h"

#define PAGE_ALIGNED __attribute__((aligned(4096)))

u64 root_table[512] PAGE_ALIGNED, middle_table[512] PAGE_ALIGNED, page_ptes[512] PAGE_ALIGNED;
u64 fault_ptes[512] PAGE_ALIGNED;
static u64 fault_middle[512] PAGE_ALIGNED, user_middle[512] PAGE_ALIGNED,
    user_ptes[512] PAGE_ALIGNED;
u8 data_pages[160][PAGE] PAGE_ALIGNED;
u8 big_area[64 * PAGE] PAGE_ALIGNED;
u64 user_buffer[2048] PAGE_ALIGNED;

extern u8 user_text[], user_text_end[];

u64 user_address(const void* symbol) { return USER + ((u64)symbol - (u64)user_text); }

/* called in M-mode, before translation is on; returns satp */
u64 build_address_space(void) {
    const u64 gigapage = 1ul << 30, sv39 = 8ul << 60;
    for (u64 i = 0; i < 3; i++) root_table[i] = pte_of((void*)(i * gigapage), PTE_DATA);
    root_table[2] |= PTE_X;

    root_table[PAGES >> 30] = pte_of(middle_table, PTE_V);
    middle_table[PAGES >> 21 & 511] = pte_of(page_ptes, PTE_V);
    for (int i = 0; i < 128; i++) page_ptes[i] = pte_of(data_pages[i], PTE_DATA);
    page_ptes[FUNCTION_PAGE] = pte_of(user_text, PTE_V | PTE_R | PTE_X | PTE_A | PTE_D);

    root_table[USER_FAULTS >> 30] = pte_of(fault_middle, PTE_V);
    fault_middle[0] = pte_of(fault_ptes, PTE_V);

    root_table[USER >> 30] = pte_of(user_middle, PTE_V);
    user_middle[0] = pte_of(user_ptes, PTE_V);
    for (u64 i = 0; user_text + i * PAGE < user_text_end; i++) {
        const u64 flags = PTE_V | PTE_R | PTE_X | PTE_U | PTE_A | PTE_D;
        user_ptes[i] = pte_of(user_text + i * PAGE, flags);
    }
    for (u64 i = 0; i < 4; i++) {
        user_ptes[16 + i] = pte_of((u8*)user_buffer + i * PAGE, PTE_DATA | PTE_U);
    }
    return sv39 | (u64)root_table / PAGE;
}
