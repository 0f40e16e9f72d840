// Sv39 page tables: the kernel's own, and one address space per process.
#pragma once

#include "pages.h"
#include "sched.h"

typedef u64 pte_t;

#define PTE_V (1 << 0)
#define PTE_R (1 << 1)
#define PTE_W (1 << 2)
#define PTE_X (1 << 3)
#define PTE_U (1 << 4)
#define PTE_G (1 << 5)
#define PTE_A (1 << 6)
#define PTE_D (1 << 7)

// accessed and dirty are set from the start: no trap, and no walker write, on first use.
#define PAGE_KERNEL (PTE_V | PTE_R | PTE_W | PTE_A | PTE_D | PTE_G)
#define PAGE_KERNEL_TEXT (PTE_V | PTE_R | PTE_X | PTE_A | PTE_G)
#define PAGE_USER (PTE_V | PTE_R | PTE_W | PTE_U | PTE_A | PTE_D)
#define PAGE_USER_TEXT (PTE_V | PTE_R | PTE_X | PTE_U | PTE_A)
#define PAGE_USER_READ (PTE_V | PTE_R | PTE_U | PTE_A)

#define PTES_PER_TABLE 512

static inline pte_t pte_make(paddr_t pa, u64 flags) { return pa >> PAGE_SHIFT << 10 | flags; }

static inline paddr_t pte_page(pte_t pte) { return pte >> 10 << PAGE_SHIFT; }

struct process {
    pte_t* root;
    u64 satp;
    u64 asid;  // 0: this hart has no ASIDs
};

// level-0 tables that map all kernel stacks. Watched from outside.
extern pte_t kstack_pt[KSTACK_SLOTS * THREAD_ALIGN / MEGAPAGE_SIZE][PTES_PER_TABLE];

// of the kernel's own tables, for harts that start.
extern u64 kernel_satp;

void vm_init(void);
void process_create(struct process* process, u32 index);
// the level-0 entry of a user address whose tables exist.
pte_t* process_pte(struct process* process, u64 va);
void process_map_heap(struct process* process, u32 thread);

static inline u64 user_heap(u32 thread) {
    return USER_HEAP + (u64)thread * USER_HEAP_SLOTS * PAGE_SIZE;
}

// Loads the address space, unless it is loaded. Without ASIDs everything that is not global has
// to go from the TLBs.
static inline void switch_process(struct hart* hart, struct process* process) {
    if (hart->process != process) {
        hart->process = process;
        csr_write(satp, process->satp);
        if (!process->asid) {
            local_flush_tlb_asid(0);
        }
    }
}

// a longer range is cheaper to fence as a whole.
#define FLUSH_ALL_THRESHOLD (64 * PAGE_SIZE)

// Kernel mappings are global: only the forms without an ASID reach them.
static inline void fence_kernel_range(u64 start, u64 end) {
    if (end - start > FLUSH_ALL_THRESHOLD) {
        local_flush_tlb_all();
        return;
    }
    for (u64 va = start; va < end; va += PAGE_SIZE) {
        local_flush_tlb_page(va);
    }
}

// the same where a policy maps or unmaps: the phase `invalidate`.
void local_flush_tlb_kernel_range(u64 start, u64 end);
