// Spin locks. Taken with interrupts off wherever an interrupt handler may take them too.
//
// Ticket locks, as Linux has on RISC-V: who comes first gets it first, whatever the memory system
// does to those who wait. No hart waits for a remote fence while it holds one: another might wait
// for the lock with interrupts off, and never fence.
#pragma once

#include "riscv.h"

struct spinlock {
    u16 owner;  // ticket that has the lock, or gets it next
    u16 next;   // ticket for who comes next
} __attribute__((aligned(4)));

static inline void spin_lock(struct spinlock* lock) {
    u32 both = __atomic_fetch_add((u32*)lock, 1 << 16, __ATOMIC_ACQUIRE);
    u16 ticket = both >> 16;
    if (unlikely(ticket != (u16)both)) {
        while (__atomic_load_n(&lock->owner, __ATOMIC_ACQUIRE) != ticket) {
        }
    }
}

static inline void spin_unlock(struct spinlock* lock) {
    __atomic_store_n(&lock->owner, lock->owner + 1, __ATOMIC_RELEASE);
}
