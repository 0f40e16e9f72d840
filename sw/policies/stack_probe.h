// A touch of the stack before it is needed, at a place where a fault does no harm.
//
// sp is lowered first: the check at the trap entry goes by sp, and would not take a fault far below
// it for one of the stack. RISC-V's immediates end at 2 KiB anyway.
#pragma once

#ifndef __ASSEMBLER__

#define PROBE_PAGE 4096
#define PROBE_SECTION 512

static inline __attribute__((always_inline)) void stack_probe(unsigned long bytes) {
    asm volatile(
        "sub sp, sp, %0\n\t"
        "ld zero, 0(sp)\n\t"
        "add sp, sp, %0" ::"r"(bytes)
        : "memory");
}

// For a section with interrupts off, and what it calls. Where they are off already, it is part of
// another one, or of an interrupt handler.
static inline __attribute__((always_inline)) void probe_before_irq_off(void) {
    unsigned long status;
    asm volatile("csrr %0, sstatus" : "=r"(status));
    if (status & 2) {
        stack_probe(PROBE_SECTION);
    }
}

#endif
