// Calls from S-mode into the SBI firmware.
#pragma once

#include "riscv.h"
#include "sbi/sbi.h"

static inline long sbi_call(u64 extension, u64 function, u64 arg0, u64 arg1, u64 arg2, u64 arg3) {
    register u64 a0 asm("a0") = arg0;
    register u64 a1 asm("a1") = arg1;
    register u64 a2 asm("a2") = arg2;
    register u64 a3 asm("a3") = arg3;
    register u64 a6 asm("a6") = function;
    register u64 a7 asm("a7") = extension;
    asm volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a3), "r"(a6), "r"(a7) : "memory");
    return a0;
}

static inline void sbi_set_timer(u64 when) {
    sbi_call(SBI_EXT_TIME, SBI_TIME_SET_TIMER, when, 0, 0, 0);
}

static inline void sbi_send_ipi(u64 mask, u64 base) {
    sbi_call(SBI_EXT_IPI, SBI_IPI_SEND, mask, base, 0, 0);
}

static inline void sbi_remote_sfence_vma(u64 mask, u64 base, u64 start, u64 size) {
    sbi_call(SBI_EXT_RFENCE, SBI_RFENCE_SFENCE_VMA, mask, base, start, size);
}

static inline long sbi_hart_start(u64 hart, u64 address, u64 argument) {
    return sbi_call(SBI_EXT_HSM, SBI_HSM_HART_START, hart, address, argument, 0);
}

static inline long sbi_fwft_set(u64 feature, u64 value) {
    return sbi_call(SBI_EXT_FWFT, SBI_FWFT_SET, feature, value, 0, 0);
}

static inline void sbi_console_write(const char* text, u64 bytes) {
    sbi_call(SBI_EXT_DBCN, SBI_DBCN_CONSOLE_WRITE, bytes, (u64)text, 0, 0);
}

static inline void __attribute__((noreturn)) sbi_shutdown(u32 reason) {
    sbi_call(SBI_EXT_SRST, SBI_SRST_SYSTEM_RESET, SBI_SRST_TYPE_SHUTDOWN, reason, 0, 0);
    __builtin_unreachable();
}
