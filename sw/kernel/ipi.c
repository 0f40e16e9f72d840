// Interrupts between harts come by the SBI and M-mode, or directly from S-mode by the SSWI device;
// the workload says which, and how fences get to other harts.
//
// Who wants something writes it down first and interrupts second; who is interrupted clears the
// interrupt first and looks second.
#include "ipi.h"

#include "sbi_call.h"
#include "smp.h"
#include "vm.h"
#include "workload.h"

PROBED void ipi_send(u64 kinds, u64 hart) {
    __atomic_fetch_or(&harts[hart].ipi_pending, kinds, __ATOMIC_RELEASE);
    if (workload_remote_fence == REMOTE_FENCE_SBI) {
        sbi_send_ipi(UL(1) << hart, 0);
    } else {
        asm volatile("fence rw, o" ::: "memory");
        *(volatile u32*)(SSWI_VA + 4 * hart) = 1;
    }
}

static void answer_fences(struct hart* hart) {
    u64 from = __atomic_exchange_n(&hart->fences_from, 0, __ATOMIC_ACQUIRE);
    for (u64 id = 0; from; id++, from >>= 1) {
        if (from & 1) {
            struct fence_request* request = &harts[id].fence;
            fence_kernel_range(request->start, request->end);
            __atomic_fetch_sub(&request->unfinished, 1, __ATOMIC_RELEASE);
        }
    }
}

// To look at the run queues is what the idle loop does next: it is woken, that is all.
PROBED void ipi_receive(u64 kinds) {
    if (kinds & IPI_FENCE) {
        answer_fences(this_hart());
    }
}

__attribute__((noinline)) void ipi_interrupt(void) {
    csr_clear(sip, SIP_SSIP);
    asm volatile("fence io, rw" ::: "memory");
    u64 kinds = __atomic_exchange_n(&this_hart()->ipi_pending, 0, __ATOMIC_ACQUIRE);
    if (kinds) {
        ipi_receive(kinds);
    }
}

// Interrupts are off: this hart answers the others while it waits, so that two harts which fence
// each other both get on.
static void fence_by_ipi(u64 mask, u64 start, u64 end) {
    struct hart* self = this_hart();
    self->fence.start = start;
    self->fence.end = end;
    self->fence.unfinished = 0;
    for (u64 rest = mask; rest; rest &= rest - 1) {
        self->fence.unfinished++;
    }
    for (u64 id = 0; mask; id++, mask >>= 1) {
        if (mask & 1) {
            __atomic_fetch_or(&harts[id].fences_from, UL(1) << self->id, __ATOMIC_RELEASE);
            ipi_send(IPI_FENCE, id);
        }
    }
    while (__atomic_load_n(&self->fence.unfinished, __ATOMIC_ACQUIRE)) {
        if (__atomic_load_n(&self->fences_from, __ATOMIC_RELAXED)) {
            answer_fences(self);
        }
    }
}

static void fence_by_broadcast(u64 start, u64 end) {
    sfence_w_inval();
    if (end - start > FLUSH_ALL_THRESHOLD) {
        sinval_vma_all();
    } else {
        for (u64 va = start; va < end; va += PAGE_SIZE) {
            sinval_vma_page(va);
        }
    }
    sfence_inval_ir();
}

// The phase `ipi`.
PROBED void remote_fence(u64 mask, u64 start, u64 end) {
    u64 flags = local_irq_save();
    switch (workload_remote_fence) {
        case REMOTE_FENCE_SBI:
            sbi_remote_sfence_vma(mask, 0, start, end - start);
            break;
        case REMOTE_FENCE_IPI:
            fence_by_ipi(mask, start, end);
            break;
        default:
            fence_by_broadcast(start, end);
    }
    local_irq_restore(flags);
}

void flush_tlb_kernel_range(u64 start, u64 end) {
    u64 others = harts_mask() & ~(UL(1) << this_hart()->id);
    if (!others || workload_remote_fence != REMOTE_FENCE_BROADCAST) {
        fence_kernel_range(start, end);
    }
    if (others) {
        remote_fence(others, start, end);
    }
}

// A range that is too long to fence page by page.
void flush_tlb_all(void) { flush_tlb_kernel_range(0, ~UL(0)); }
