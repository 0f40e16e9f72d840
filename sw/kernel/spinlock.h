// Spin locks. Taken with interrupts off wherever an interrupt handler may take them too.
#pragma once

#include "riscv.h"

struct spinlock {
    u32 held;
};

static inline void spin_lock(struct spinlock* lock) {
    while (__atomic_exchange_n(&lock->held, 1, __ATOMIC_ACQUIRE)) {
    }
}

static inline void spin_unlock(struct spinlock* lock) {
    __atomic_store_n(&lock->held, 0, __ATOMIC_RELEASE);
}
