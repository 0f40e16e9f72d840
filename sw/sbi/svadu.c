// The FWFT call of the SBI, for the one feature that there is: the walker sets A and D bits
// (Svadu). Each hart has it off until its supervisor asks for it, as the specification says.
#include "platform.h"
#include "sbi.h"

#define MENVCFG "0x30a"
#define MENVCFG_ADUE (UL(1) << 61)

static u64 menvcfg_read(void) {
    u64 value;
    asm volatile("csrr %0, " MENVCFG : "=r"(value));
    return value;
}

// A hart without Svadu has no ADUE: it stays zero.
static long set_ad_updating(u64 on) {
    if (on > 1) {
        return SBI_ERR_INVALID_PARAM;
    }
    if (on) {
        asm volatile("csrs " MENVCFG ", %0" ::"r"(MENVCFG_ADUE) : "memory");
    } else {
        asm volatile("csrc " MENVCFG ", %0" ::"r"(MENVCFG_ADUE) : "memory");
    }
    local_flush_tlb_all();
    return !(menvcfg_read() & MENVCFG_ADUE) == !on ? SBI_SUCCESS : SBI_ERR_NOT_SUPPORTED;
}

long sbi_fwft(u64 function, const u64* a, u64* value) {
    if (function > SBI_FWFT_GET) {
        return SBI_ERR_NOT_SUPPORTED;
    }
    u32 feature = a[0];
    if (feature != SBI_FWFT_PTE_AD_HW_UPDATING) {
        // Those up to the last one are defined, and the rest is reserved.
        return feature <= SBI_FWFT_LAST ? SBI_ERR_NOT_SUPPORTED : SBI_ERR_DENIED;
    }
    if (function == SBI_FWFT_SET) {
        return a[2] ? SBI_ERR_INVALID_PARAM : set_ad_updating(a[1]);
    }
    *value = !!(menvcfg_read() & MENVCFG_ADUE);
    return SBI_SUCCESS;
}
