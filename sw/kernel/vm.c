#include "vm.h"

#include "console.h"
#include "workload.h"

static pte_t kernel_root[PTES_PER_TABLE] __attribute__((aligned(4096)));
static pte_t identity_table[PTES_PER_TABLE] __attribute__((aligned(4096)));
static pte_t kstack_directory[PTES_PER_TABLE] __attribute__((aligned(4096)));
pte_t kstack_pt[KSTACK_SLOTS * THREAD_ALIGN / MEGAPAGE_SIZE][PTES_PER_TABLE] WATCHED
    __attribute__((aligned(4096)));

u64 kernel_satp;
static u64 asid_mask;

extern u8 user_text_start[], user_text_end[];

// index into the table of a level: 9 bits of the address each, above the 12 of the offset.
static u64 vpn(u64 va, int level) { return va >> (PAGE_SHIFT + 9 * level) & (PTES_PER_TABLE - 1); }

static u64 satp_of(const pte_t* root, u64 asid) {
    return SATP_SV39 | asid << SATP_ASID_SHIFT | (u64)root >> PAGE_SHIFT;
}

void vm_init(void) {
    for (u64 pa = KERNEL_TEXT; pa < DRAM_END; pa += MEGAPAGE_SIZE) {
        identity_table[vpn(pa, 1)] =
            pte_make(pa, pa < KERNEL_DATA ? PAGE_KERNEL_TEXT : PAGE_KERNEL);
    }
    for (u64 i = 0; i < sizeof(kstack_pt) / PAGE_SIZE; i++) {
        kstack_directory[i] = pte_make((paddr_t)kstack_pt[i], PTE_V);
    }
    kstack_directory[vpn(DEVICES_VA, 1)] = pte_make(DEVICES, PAGE_KERNEL);
    kernel_root[vpn(KERNEL_TEXT, 2)] = pte_make((paddr_t)identity_table, PTE_V);
    kernel_root[vpn(KSTACK_BASE, 2)] = pte_make((paddr_t)kstack_directory, PTE_V);

    // ASID bits that a hart does not have read as zero.
    csr_write(satp, satp_of(kernel_root, SATP_ASID_MASK >> SATP_ASID_SHIFT));
    asid_mask = (csr_read(satp) & SATP_ASID_MASK) >> SATP_ASID_SHIFT;
    kernel_satp = satp_of(kernel_root, 0);
    csr_write(satp, kernel_satp);
    local_flush_tlb_all();
}

// The entry for `va` in the table of `level`, with the tables above it made where they are missing.
static pte_t* walk(pte_t* root, u64 va, int level, bool create) {
    pte_t* table = root;
    for (int at = 2; at > level; at--) {
        pte_t* pte = &table[vpn(va, at)];
        if (!(*pte & PTE_V)) {
            paddr_t page = create ? page_alloc_for_table() : NO_PAGE;
            if (page == NO_PAGE) {
                panic("no page left for the page tables of a process");
            }
            *pte = pte_make(page, PTE_V);
        }
        table = (pte_t*)pte_page(*pte);
    }
    return &table[vpn(va, level)];
}

pte_t* process_pte(struct process* process, u64 va) { return walk(process->root, va, 0, false); }

void process_create(struct process* process, u32 index) {
    paddr_t root = page_alloc_for_table();
    if (root == NO_PAGE) {
        panic("no page left for the page tables of a process");
    }
    process->root = (pte_t*)root;
    process->asid = (index + 1) & asid_mask;
    if (process->asid != index + 1) {
        process->asid = 0;
    }
    process->satp = satp_of(process->root, process->asid);

    process->root[vpn(KERNEL_TEXT, 2)] = kernel_root[vpn(KERNEL_TEXT, 2)];
    process->root[vpn(KSTACK_BASE, 2)] = kernel_root[vpn(KSTACK_BASE, 2)];
    for (u64 pa = (u64)user_text_start; pa < (u64)user_text_end; pa += PAGE_SIZE) {
        *walk(process->root, USER_TEXT + pa - (u64)user_text_start, 0, true) =
            pte_make(pa, PAGE_USER_TEXT);
    }
    for (u64 offset = 0; offset < workload_bytes(); offset += MEGAPAGE_SIZE) {
        *walk(process->root, USER_WORKLOAD + offset, 1, true) =
            pte_make(WORKLOAD_BASE + offset, PAGE_USER_READ);
    }
}

// makes the level-0 table of a thread's heap window, so that a page fault does not have to.
void process_map_heap(struct process* process, u32 thread) {
    walk(process->root, user_heap(thread), 0, true);
}

PROBED void local_flush_tlb_kernel_range(u64 start, u64 end) { fence_kernel_range(start, end); }
