// P11-pending: P1 without fences on arrival. A hart that has grown a stack tells all others that
// there are new valid entries, by a word of each, and they fence when they next trap inside the
// kernel, which is what a remembered invalid entry leads to at the first use. So does Linux for
// vmalloc.
//
// Linux looks at the word only in a page fault. Here any trap from the kernel does, before the
// frame is stored: the frame itself may be what the remembered entry hides. The exit to user mode,
// where sscratch says user already, meets none: it reads the frame of the trap, and has read its
// page before. Afterwards the trapped instruction runs again, or the interrupt is taken again.
#include "policies/p1.h"

#ifdef __ASSEMBLER__
// clang-format off

// in sp and t0, which is saved
.macro load_fence_pending address
    ld sp, THREAD_HART(tp)
    ld sp, HART_ID(sp)
    slli sp, sp, HART_WORD_SHIFT
    la \address, fence_pending
    add \address, \address, sp
.endm

.macro check_pending_and_stack
    sd t0, THREAD_ENTRY_SCRATCH(tp)
    load_fence_pending t0
    ld t0, 0(t0)
    bnez t0, handle_fence_pending
    ld sp, THREAD_KERNEL_SP(tp)
    ld t0, THREAD_ENTRY_SCRATCH(tp)
    policy_entry_kernel
.endm
#undef POLICY_ENTRY_KERNEL
#define POLICY_ENTRY_KERNEL check_pending_and_stack

.macro pending_and_stack_out_of_line
handle_fence_pending:
    load_fence_pending t0
    amoswap.d x0, x0, (t0)
    sfence.vma
    csrw sscratch, x0
    ld t0, THREAD_ENTRY_SCRATCH(tp)
    ld sp, THREAD_KERNEL_SP(tp)
    j stack_fault_sret
    policy_entry_out_of_line
.endm
#undef POLICY_ENTRY_OUT_OF_LINE
#define POLICY_ENTRY_OUT_OF_LINE pending_and_stack_out_of_line

// clang-format on
#else
#include "kernel/smp.h"

struct hart_word fence_pending[NR_HARTS] __attribute__((used));

static inline void refill(u64 hart) { page_reserve_refill(hart, DYNAMIC_PAGES); }

static inline paddr_t take_page(u64 hart) { return page_reserve_take(hart); }

// Before this the thread cannot get to another hart.
void policy_switch_out(struct thread* prev) {
    if (prev->policy[GREW]) {
        for (u64 id = 0; id < nr_harts; id++) {
            if (id != prev->hart->id) {
                __atomic_store_n(&fence_pending[id].value, 1, __ATOMIC_RELEASE);
            }
        }
        prev->stack_fenced_on = ~0;
        refill_if_grown(prev);
    }
}

#endif
