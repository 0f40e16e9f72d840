// Spin locks, and counts that several harts make.
#include "../env/harts.h"

#define ROUNDS 60

static u64 lock __attribute__((aligned(64)));
static u64 guarded[2] __attribute__((aligned(64)));

static void count_both(void) {
    u64 value = guarded[0];
    if (guarded[1] != value) guarded[1] = ~0ull >> 1;
    *(volatile u64*)&guarded[0] = value + 1;
    *(volatile u64*)&guarded[1] = value + 1;
}

static u64 with_amoswap(u64 hart) {
    (void)hart;
    for (int round = 0; round < ROUNDS; round++) {
        asm volatile(
            "1: ld t1, (%0)\n"
            "bnez t1, 1b\n"
            "li t0, 1\n"
            "amoswap.d.aq t0, t0, (%0)\n"
            "bnez t0, 1b\n" ::"r"(&lock)
            : "t0", "t1", "memory");
        count_both();
        asm volatile("amoswap.d.rl zero, zero, (%0)" ::"r"(&lock) : "memory");
    }
    return 0;
}

static u64 with_lr_sc(u64 hart) {
    (void)hart;
    for (int round = 0; round < ROUNDS; round++) {
        asm volatile(
            "1: lr.d.aq t0, (%0)\n"
            "bnez t0, 1b\n"
            "li t0, 1\n"
            "sc.d t1, t0, (%0)\n"
            "bnez t1, 1b\n"
            "fence r, rw\n" ::"r"(&lock)
            : "t0", "t1", "memory");
        count_both();
        asm volatile("fence rw, w\nsd zero, (%0)" ::"r"(&lock) : "memory");
    }
    return 0;
}

static u64 count(work* what) {
    lock = guarded[0] = guarded[1] = 0;
    PASS_ON(together(what));
    EQUAL(guarded[0], ROUNDS * harts());
    EQUAL(guarded[1], ROUNDS * harts());
    EQUAL(lock, 0);
    return 0;
}

TEST(a_lock_of_amoswap_excludes) { return count(with_amoswap); }
TEST(a_lock_of_lr_and_sc_excludes) { return count(with_lr_sc); }
