// What the parts of the firmware share: where the devices are, and what M-mode keeps of each hart.
#pragma once

#include "kernel/memory_layout.h"
#include "kernel/riscv.h"

#define BOOT_HART 0

#define MIP_SSIP (1 << 1)
#define MIP_STIP (1 << 5)
#define MIE_MSIE (1 << 3)
#define MIE_MTIE (1 << 7)
#define IRQ_M_SOFT 3
#define IRQ_M_TIMER 7
#define CAUSE_ECALL_S 9

#define DRAM_BASE 0x80000000UL
#define ACLINT_MSIP 0x02000000UL
#define ACLINT_MTIMECMP 0x02004000UL
#define ACLINT_MTIME 0x0200bff8UL
#define UART_THR 0x10000000UL
#define UART_LSR 0x10000005UL
#define UART_LSR_THR_EMPTY (1 << 5)
#define FINISHER 0x00100000UL
#define FINISHER_PASS 0x5555
#define FINISHER_FAIL 0x3333

// A fence that a hart asks others for. It belongs to the hart that asks, who waits for the last.
struct fence_request {
    u64 function;  // of the RFENCE extension
    u64 start;
    u64 size;
    u64 asid;
    u64 unfinished;  // harts that have not fenced yet
};

struct sbi_hart {
    u64 state;  // SBI_HSM_*
    u64 start_address;
    u64 opaque;
    u64 soft_pending;  // others want it to have a software interrupt in S-mode
    u64 fences_from;   // one bit for each hart whose fence it has to do
    struct fence_request fence;
} __attribute__((aligned(128)));

extern struct sbi_hart sbi_harts[NR_HARTS];

// One bit for each hart: those that have come out of reset, and those of them that are neither
// stopped nor waiting to be started.
extern u64 sbi_harts_present;
extern u64 sbi_harts_running;

static inline struct sbi_hart* sbi_this_hart(void) { return &sbi_harts[csr_read(mhartid)]; }

// hsm.c
long sbi_hsm(u64 function, const u64* a, u64* value);

// ipi.c
long sbi_send_ipi(u64 function, const u64* a);
long sbi_rfence(u64 function, const u64* a);
// the machine software interrupt: does whatever others have asked this hart for.
void sbi_answer(struct sbi_hart* self);
void sbi_set_msip(u64 id);

// svadu.c
long sbi_fwft(u64 function, const u64* a, u64* value);

// start.S: waits in M-mode to be started again.
void sbi_stopped(void) __attribute__((noreturn));
