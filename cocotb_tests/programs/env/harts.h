// Tests for several harts: the test itself runs on hart 0, which gives the others work.
#pragma once

#include "env.h"

#define MOST_HARTS 8
#define EACH_OTHER(hart) for (u64 hart = 1; hart < harts(); hart++)

// what a hart other than 0 found in its CSRs after reset
struct boot_state {
    u64 mhartid, mstatus, mie, satp;
};
extern struct boot_state boot_state[MOST_HARTS];

// Harts of the machine, this one included.
u64 harts(void);

// What a hart does: 0, or the line that went wrong, as in a test. Interrupts are disabled, and CSRs
// must be left as they were found.
typedef u64 work(u64 argument);

// Has another hart do it; it must have finished what it did before. Everything stored before is
// there for it to see, and the other way round.
void begin(u64 hart, work* what, u64 argument);
u64 finish(u64 hart);

// All harts do it, hart 0 too, with the number of the hart as its argument.
u64 together(work* what);

// All harts that take part meet here before any of them goes on.
struct meeting {
    u64 arrived, left;
};
void meet(struct meeting* where);

static inline void fence(void) { asm volatile("fence" ::: "memory"); }
static inline void relax(void) { asm volatile("" ::: "memory"); }

static inline u64 amoadd(volatile u64* at, u64 value) {
    u64 old;
    asm volatile("amoadd.d %0, %2, (%1)" : "=r"(old) : "r"(at), "r"(value) : "memory");
    return old;
}

// Loads and stores through the address space in satp, from M-mode.
static inline u64 load_translated(u64 va) {
    u64 value, mprv = STATUS_MPRV | STATUS_MPP, supervisor = STATUS_MPRV | STATUS_MPP_OF(S);
    asm volatile(
        "csrc mstatus, %1\n"
        "csrs mstatus, %2\n"
        "ld %0, 0(%3)\n"
        "csrc mstatus, %1\n"
        : "=&r"(value)
        : "r"(mprv), "r"(supervisor), "r"(va)
        : "memory");
    return value;
}
static inline void store_translated(u64 va, u64 value) {
    u64 mprv = STATUS_MPRV | STATUS_MPP, supervisor = STATUS_MPRV | STATUS_MPP_OF(S);
    asm volatile(
        "csrc mstatus, %0\n"
        "csrs mstatus, %1\n"
        "sd %3, 0(%2)\n"
        "csrc mstatus, %0\n" ::"r"(mprv),
        "r"(supervisor), "r"(va), "r"(value)
        : "memory");
}
