// Interrupts and fences for other harts, through the machine software interrupt of each.
//
// Who wants something writes it down first and raises msip second; who is interrupted lowers msip
// first and looks second. So nothing that is asked for gets lost.
//
// A fence is over when every hart has done it. The hart that asks waits in M-mode, where it is not
// interrupted, and goes on answering the others: two harts that fence each other both get on.
#include "platform.h"
#include "sbi.h"

// As in the kernel: a range of more pages is cheaper to fence as a whole.
#define FENCE_ALL_THRESHOLD (64 * PAGE_SIZE)

static volatile u32* msip(u64 id) { return (volatile u32*)ACLINT_MSIP + id; }

void sbi_set_msip(u64 id) {
    asm volatile("fence rw, o" ::: "memory");
    *msip(id) = 1;
}

// The harts that are meant; false if one of them does not exist. Those that do not run have
// nothing to be told: they begin with fences of their own.
static bool select_harts(u64 mask, u64 base, u64* selected) {
    u64 running = __atomic_load_n(&sbi_harts_running, __ATOMIC_ACQUIRE);
    *selected = running;
    if (base != SBI_ALL_HARTS) {
        u64 meant = base < 64 ? mask << base : 0;
        if ((base >= 64 && mask) || (base < 64 && meant >> base != mask) ||
            meant & ~sbi_harts_present) {
            return false;
        }
        *selected &= meant;
    }
    return true;
}

long sbi_send_ipi(u64 function, const u64* a) {
    u64 selected;
    if (function != SBI_IPI_SEND) {
        return SBI_ERR_NOT_SUPPORTED;
    }
    if (!select_harts(a[0], a[1], &selected)) {
        return SBI_ERR_INVALID_PARAM;
    }
    for (u64 id = 0; selected; id++, selected >>= 1) {
        if (selected & 1) {
            // What the caller has noted is seen by whoever sees this.
            __atomic_store_n(&sbi_harts[id].soft_pending, 1, __ATOMIC_RELEASE);
            sbi_set_msip(id);
        }
    }
    return SBI_SUCCESS;
}

static void fence_range(const struct fence_request* request) {
    bool asid = request->function == SBI_RFENCE_SFENCE_VMA_ASID;
    bool all = (!request->start && !request->size) || request->size > FENCE_ALL_THRESHOLD;
    if (request->function == SBI_RFENCE_FENCE_I) {
        asm volatile("fence.i" ::: "memory");
    } else if (all && asid) {
        local_flush_tlb_asid(request->asid);
    } else if (all) {
        local_flush_tlb_all();
    } else {
        for (u64 offset = 0; offset < request->size; offset += PAGE_SIZE) {
            if (asid) {
                local_flush_tlb_page_asid(request->start + offset, request->asid);
            } else {
                local_flush_tlb_page(request->start + offset);
            }
        }
    }
}

void sbi_answer(struct sbi_hart* self) {
    *msip(self - sbi_harts) = 0;
    asm volatile("fence io, rw" ::: "memory");
    if (__atomic_exchange_n(&self->soft_pending, 0, __ATOMIC_ACQUIRE)) {
        csr_set(mip, MIP_SSIP);
    }
    u64 from = __atomic_exchange_n(&self->fences_from, 0, __ATOMIC_ACQUIRE);
    for (u64 id = 0; from; id++, from >>= 1) {
        if (from & 1) {
            struct fence_request* request = &sbi_harts[id].fence;
            fence_range(request);
            __atomic_fetch_sub(&request->unfinished, 1, __ATOMIC_RELEASE);
        }
    }
}

static void fence_on(u64 selected, const struct fence_request* request) {
    struct sbi_hart* self = sbi_this_hart();
    u64 own = UL(1) << (self - sbi_harts);
    u64 others = selected & ~own;
    self->fence = *request;
    for (u64 rest = others; rest; rest &= rest - 1) {
        self->fence.unfinished++;
    }
    for (u64 id = 0; others; id++, others >>= 1) {
        if (others & 1) {
            __atomic_fetch_or(&sbi_harts[id].fences_from, own, __ATOMIC_RELEASE);
            sbi_set_msip(id);
        }
    }
    if (selected & own) {
        fence_range(request);
    }
    while (__atomic_load_n(&self->fence.unfinished, __ATOMIC_ACQUIRE)) {
        if (__atomic_load_n(&self->fences_from, __ATOMIC_RELAXED)) {
            sbi_answer(self);
        }
    }
}

long sbi_rfence(u64 function, const u64* a) {
    u64 selected;
    if (function > SBI_RFENCE_SFENCE_VMA_ASID) {
        return SBI_ERR_NOT_SUPPORTED;
    }
    if (!select_harts(a[0], a[1], &selected)) {
        return SBI_ERR_INVALID_PARAM;
    }
    struct fence_request request = {.function = function};
    if (function != SBI_RFENCE_FENCE_I) {
        // whole pages; a size of all ones means everything, as a start and a size of 0 do.
        request.start = a[2] & ~(PAGE_SIZE - 1);
        request.size = a[3] == ~UL(0) ? a[3] : a[3] + (a[2] - request.start);
        request.asid = a[4];
    }
    fence_on(selected, &request);
    return SBI_SUCCESS;
}
