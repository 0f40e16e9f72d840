// CSR accessors, CSR fields and the fences of the privileged architecture.
#pragma once

#define SSTATUS_SIE (1 << 1)
#define SSTATUS_SPIE (1 << 5)
#define SSTATUS_SPP (1 << 8)
#define SSTATUS_FS (3 << 13)
#define SSTATUS_SUM (1 << 18)

#define SIE_SSIE (1 << 1)
#define SIE_STIE (1 << 5)
#define SIP_SSIP (1 << 1)

#define CAUSE_INTERRUPT (UL(1) << 63)
#define CAUSE_ECALL_U 8
#define CAUSE_LOAD_PAGE_FAULT 13
#define CAUSE_STORE_PAGE_FAULT 15
#define IRQ_S_SOFT 1
#define IRQ_S_TIMER 5

#define SATP_SV39 (UL(8) << 60)
#define SATP_ASID_SHIFT 44
#define SATP_ASID_MASK (UL(0xffff) << SATP_ASID_SHIFT)

#ifndef __ASSEMBLER__
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

// a function that delimits a phase, a variable that is read from outside: link-time optimisation
// has to leave it what and where it is.
#define PROBED __attribute__((noinline, used))
#define WATCHED __attribute__((used))

#define likely(condition) __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)

#define csr_read(csr)                                  \
    ({                                                 \
        u64 value_;                                    \
        asm volatile("csrr %0, " #csr : "=r"(value_)); \
        value_;                                        \
    })
#define csr_write(csr, value) asm volatile("csrw " #csr ", %0" ::"rK"((u64)(value)) : "memory")
#define csr_set(csr, bits) asm volatile("csrs " #csr ", %0" ::"rK"((u64)(bits)) : "memory")
#define csr_clear(csr, bits) asm volatile("csrc " #csr ", %0" ::"rK"((u64)(bits)) : "memory")

// What a policy does before interrupts go off; a compile flag says what it is.
#ifndef BEFORE_IRQ_OFF
#define BEFORE_IRQ_OFF()
#endif

static inline void local_irq_enable(void) { csr_set(sstatus, SSTATUS_SIE); }

static inline void local_irq_disable(void) {
    BEFORE_IRQ_OFF();
    csr_clear(sstatus, SSTATUS_SIE);
}

// returns what local_irq_restore() takes.
static inline u64 local_irq_save(void) {
    u64 flags;
    BEFORE_IRQ_OFF();
    asm volatile("csrrci %0, sstatus, %1" : "=r"(flags) : "i"(SSTATUS_SIE) : "memory");
    return flags & SSTATUS_SIE;
}

static inline void local_irq_restore(u64 flags) { csr_set(sstatus, flags); }

static inline void wait_for_interrupt(void) { asm volatile("wfi" ::: "memory"); }

// everything, global mappings too.
static inline void local_flush_tlb_all(void) { asm volatile("sfence.vma" ::: "memory"); }

// everything of one address space; keeps global mappings.
static inline void local_flush_tlb_asid(u64 asid) {
    asm volatile("sfence.vma x0, %0" ::"r"(asid) : "memory");
}

// one page in all address spaces, global or not.
static inline void local_flush_tlb_page(u64 va) {
    asm volatile("sfence.vma %0, x0" ::"r"(va) : "memory");
}

// The Svinval sequence. Where a machine has the ideal broadcast fence, sinval.vma reaches all
// harts; as .insn, because the compiler's target has no Svinval.
static inline void sfence_w_inval(void) {
    asm volatile(".insn r 0x73, 0, 0x0c, x0, x0, x0" ::: "memory");
}

static inline void sinval_vma_all(void) {
    asm volatile(".insn r 0x73, 0, 0x0b, x0, x0, x0" ::: "memory");
}

static inline void sinval_vma_page(u64 va) {
    asm volatile(".insn r 0x73, 0, 0x0b, x0, %0, x0" ::"r"(va) : "memory");
}

static inline void sfence_inval_ir(void) {
    asm volatile(".insn r 0x73, 0, 0x0c, x0, x0, x1" ::: "memory");
}

// one page of one address space; a global mapping stays.
static inline void local_flush_tlb_page_asid(u64 va, u64 asid) {
    asm volatile("sfence.vma %0, %1" ::"r"(va), "r"(asid) : "memory");
}
#endif
