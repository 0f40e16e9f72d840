// The SBI firmware: traps into M-mode, and the calls that concern one hart: base, timer, system
// reset and debug console. All are as the SBI specification has them.
#include "sbi.h"

#include "platform.h"

#define FAILURE_CODE 1
#define SBI_BROKEN_CODE 3
// not one of the registered implementations
#define SBI_IMPL_ID 0x64796e73
#define SBI_IMPL_VERSION 1

static void putc(char c) {
    while (!(*(volatile u8*)UART_LSR & UART_LSR_THR_EMPTY)) {
    }
    *(volatile u8*)UART_THR = c;
}

static void finish(u32 code) {
    *(volatile u32*)FINISHER = code ? FINISHER_FAIL | code << 16 : FINISHER_PASS;
    for (;;) {
        asm volatile("wfi");
    }
}

static void set_timer(u64 when) {
    u64 hart = csr_read(mhartid);
    *(volatile u64*)(ACLINT_MTIMECMP + 8 * hart) = when;
    csr_clear(mip, MIP_STIP);
    csr_set(mie, MIE_MTIE);
}

static long base(u64 function, u64 argument, u64* value) {
    switch (function) {
        case SBI_BASE_GET_SPEC_VERSION:
            *value = SBI_SPEC_VERSION;
            return SBI_SUCCESS;
        case SBI_BASE_PROBE_EXTENSION:
            *value = argument == SBI_EXT_BASE || argument == SBI_EXT_TIME ||
                     argument == SBI_EXT_IPI || argument == SBI_EXT_RFENCE ||
                     argument == SBI_EXT_HSM || argument == SBI_EXT_SRST ||
                     argument == SBI_EXT_DBCN || argument == SBI_EXT_FWFT;
            return SBI_SUCCESS;
        case SBI_BASE_GET_IMPL_ID:
            *value = SBI_IMPL_ID;
            return SBI_SUCCESS;
        case SBI_BASE_GET_IMPL_VERSION:
            *value = SBI_IMPL_VERSION;
            return SBI_SUCCESS;
        case SBI_BASE_GET_MVENDORID:
            *value = csr_read(mvendorid);
            return SBI_SUCCESS;
        case SBI_BASE_GET_MARCHID:
            *value = csr_read(marchid);
            return SBI_SUCCESS;
        case SBI_BASE_GET_MIMPID:
            *value = csr_read(mimpid);
            return SBI_SUCCESS;
        default:
            return SBI_ERR_NOT_SUPPORTED;
    }
}

static long console(u64 function, const u64* a, u64* value) {
    switch (function) {
        case SBI_DBCN_CONSOLE_WRITE:
            if (a[2] || a[1] < DRAM_BASE) {
                return SBI_ERR_INVALID_PARAM;
            }
            for (u64 i = 0; i < a[0]; i++) {
                putc(((const char*)a[1])[i]);
            }
            *value = a[0];
            return SBI_SUCCESS;
        case SBI_DBCN_CONSOLE_READ:
            *value = 0;  // nobody types here
            return SBI_SUCCESS;
        case SBI_DBCN_CONSOLE_WRITE_BYTE:
            putc(a[0]);
            return SBI_SUCCESS;
        default:
            return SBI_ERR_NOT_SUPPORTED;
    }
}

static long reset(u64 function, u32 type, u32 reason) {
    if (function != SBI_SRST_SYSTEM_RESET) {
        return SBI_ERR_NOT_SUPPORTED;
    }
    bool reason_is_known = reason <= SBI_SRST_REASON_FAILURE || reason >= SBI_SRST_REASON_PLATFORM;
    if (type > SBI_SRST_TYPE_WARM_REBOOT || !reason_is_known) {
        return SBI_ERR_INVALID_PARAM;
    }
    if (type != SBI_SRST_TYPE_SHUTDOWN) {
        return SBI_ERR_NOT_SUPPORTED;
    }
    if (reason == SBI_SRST_REASON_NONE) {
        finish(0);
    }
    finish(reason == SBI_SRST_REASON_FAILURE ? FAILURE_CODE : reason & 0xffff);
    return SBI_SUCCESS;
}

static void ecall(u64* a) {
    long error;
    u64 value = 0;
    switch (a[7]) {
        case SBI_EXT_TIME:
            if (a[6] == SBI_TIME_SET_TIMER) {
                set_timer(a[0]);
                error = SBI_SUCCESS;
            } else {
                error = SBI_ERR_NOT_SUPPORTED;
            }
            break;
        case SBI_EXT_IPI:
            error = sbi_send_ipi(a[6], a);
            break;
        case SBI_EXT_RFENCE:
            error = sbi_rfence(a[6], a);
            break;
        case SBI_EXT_HSM:
            error = sbi_hsm(a[6], a, &value);
            break;
        case SBI_EXT_BASE:
            error = base(a[6], a[0], &value);
            break;
        case SBI_EXT_DBCN:
            error = console(a[6], a, &value);
            break;
        case SBI_EXT_FWFT:
            error = sbi_fwft(a[6], a, &value);
            break;
        case SBI_EXT_SRST:
            error = reset(a[6], a[0], a[1]);
            break;
        default:
            error = SBI_ERR_NOT_SUPPORTED;
    }
    a[0] = error;
    a[1] = value;
    csr_write(mepc, csr_read(mepc) + 4);
}

// `a`: registers a0 to a7 of the interrupted code, written back when it goes on.
void sbi_handle_trap(u64* a, u64 cause) {
    if (cause == (CAUSE_INTERRUPT | IRQ_M_TIMER)) {
        // S-mode sees the interrupt as STIP until it sets the timer again.
        csr_clear(mie, MIE_MTIE);
        csr_set(mip, MIP_STIP);
    } else if (cause == (CAUSE_INTERRUPT | IRQ_M_SOFT)) {
        sbi_answer(sbi_this_hart());
    } else if (cause == CAUSE_ECALL_S) {
        ecall(a);
    } else {
        for (const char* c = "sbi: unexpected trap in M-mode\n"; *c; c++) {
            putc(*c);
        }
        finish(SBI_BROKEN_CODE);
    }
}
