// Hart state management: one hart boots, the others wait in M-mode until they are started.
#include "platform.h"
#include "sbi.h"

// how long a caller who names a hart waits for it to come out of reset, in ticks of mtime.
#define RESET_TICKS 10000000

struct sbi_hart sbi_harts[NR_HARTS];
u64 sbi_harts_present;
u64 sbi_harts_running;

// kernel/head.S
extern u8 kernel_entry[];

// returned in a0 and a1.
struct start {
    u64 address;
    u64 opaque;
};

static bool is_present(u64 id) {
    if (id >= NR_HARTS) {
        return false;
    }
    const volatile u64* mtime = (const volatile u64*)ACLINT_MTIME;
    u64 end = *mtime + RESET_TICKS;
    while (!(__atomic_load_n(&sbi_harts_present, __ATOMIC_ACQUIRE) >> id & 1)) {
        if (*mtime >= end) {
            return false;
        }
    }
    return true;
}

static void set_state(struct sbi_hart* hart, u64 state) {
    __atomic_store_n(&hart->state, state, __ATOMIC_RELEASE);
}

// From start.S, after reset and after a stop; returns where S-mode begins.
struct start sbi_wait_for_start(void) {
    struct sbi_hart* self = sbi_this_hart();
    u64 bit = UL(1) << (self - sbi_harts);
    struct start start = {(u64)kernel_entry, 0};  // the boot hart's; there is no device tree
    bool boot = bit == UL(1) << BOOT_HART && !(sbi_harts_present & bit);

    if (!boot) {
        __atomic_fetch_and(&sbi_harts_running, ~bit, __ATOMIC_RELEASE);
        set_state(self, SBI_HSM_STOPPED);
        __atomic_fetch_or(&sbi_harts_present, bit, __ATOMIC_RELEASE);
        // it goes on answering: a fence may have been sent while it was still running.
        while (__atomic_load_n(&self->state, __ATOMIC_ACQUIRE) != SBI_HSM_START_PENDING) {
            asm volatile("wfi");
            sbi_answer(self);
        }
        start = (struct start){self->start_address, self->opaque};
    }
    set_state(self, SBI_HSM_STARTED);
    __atomic_fetch_or(&sbi_harts_running, bit, __ATOMIC_RELEASE);
    __atomic_fetch_or(&sbi_harts_present, bit, __ATOMIC_RELEASE);
    return start;
}

static long start(u64 id, u64 address, u64 opaque) {
    if (!is_present(id)) {
        return SBI_ERR_INVALID_PARAM;
    }
    if (address < KERNEL_TEXT || address >= DRAM_END || address % 2) {
        return SBI_ERR_INVALID_ADDRESS;
    }
    struct sbi_hart* hart = &sbi_harts[id];
    u64 stopped = SBI_HSM_STOPPED;
    // the state in between keeps a second caller out, and the hart asleep, until all is written.
    if (!__atomic_compare_exchange_n(&hart->state, &stopped, SBI_HSM_STARTING, false,
                                     __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
        return SBI_ERR_ALREADY_AVAILABLE;
    }
    hart->start_address = address;
    hart->opaque = opaque;
    set_state(hart, SBI_HSM_START_PENDING);
    sbi_set_msip(id);
    return SBI_SUCCESS;
}

// retentive: all state is kept, so that there is nothing to do but wait.
static long suspend(u32 type) {
    if (type != SBI_HSM_SUSPEND_RETENTIVE) {
        return SBI_ERR_INVALID_PARAM;
    }
    struct sbi_hart* self = sbi_this_hart();
    set_state(self, SBI_HSM_SUSPENDED);
    while (!(csr_read(mip) & csr_read(mie))) {
        asm volatile("wfi");
    }
    set_state(self, SBI_HSM_STARTED);
    return SBI_SUCCESS;
}

long sbi_hsm(u64 function, const u64* a, u64* value) {
    switch (function) {
        case SBI_HSM_HART_START:
            return start(a[0], a[1], a[2]);
        case SBI_HSM_HART_STOP:
            sbi_stopped();
        case SBI_HSM_HART_GET_STATUS: {
            if (!is_present(a[0])) {
                return SBI_ERR_INVALID_PARAM;
            }
            u64 state = __atomic_load_n(&sbi_harts[a[0]].state, __ATOMIC_ACQUIRE);
            *value = state == SBI_HSM_STARTING ? SBI_HSM_START_PENDING : state;
            return SBI_SUCCESS;
        }
        case SBI_HSM_HART_SUSPEND:
            return suspend(a[0]);
        default:
            return SBI_ERR_NOT_SUPPORTED;
    }
}
