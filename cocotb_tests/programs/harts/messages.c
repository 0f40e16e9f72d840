// Message passing, and harts that write neighbouring bytes.
#include "../env/harts.h"

#define ROUNDS 200

static volatile u64 message[64] __attribute__((aligned(64)));
static volatile u64 flag __attribute__((aligned(64)));
static volatile u64 taken __attribute__((aligned(64)));

static u64 receive(u64 unused) {
    (void)unused;
    for (u64 round = 1; round <= ROUNDS; round++) {
        while (flag != round) relax();
        asm volatile("fence r, r" ::: "memory");
        // the words lie in lines of their own
        u64 got = message[round * 8 % 64];
        if (got != round) return mismatch(__LINE__, got, round);
        asm volatile("fence r, w" ::: "memory");
        taken = round;
    }
    return 0;
}

TEST(a_message_is_there_when_its_flag_is) {
    flag = taken = 0;
    begin(1, receive, 0);
    for (u64 round = 1; round <= ROUNDS; round++) {
        message[round * 8 % 64] = round;
        asm volatile("fence w, w" ::: "memory");
        flag = round;
        while (taken != round) relax();
    }
    return finish(1);
}

static u64 receive_without_fences(u64 unused) {
    (void)unused;
    for (u64 round = 1; round <= ROUNDS; round++) {
        u64 got;
        asm volatile(
            "1: lr.d.aq t0, (%1)\n"
            "bne t0, %2, 1b\n"
            "ld %0, (%3)\n"
            "amoswap.d.rl zero, %2, (%4)\n"
            : "=&r"(got)
            : "r"(&flag), "r"(round), "r"(&message[round * 8 % 64]), "r"(&taken)
            : "t0", "memory");
        if (got != round) return mismatch(__LINE__, got, round);
    }
    return 0;
}

TEST(acquire_and_release_order_a_message) {
    flag = taken = 0;
    begin(1, receive_without_fences, 0);
    for (u64 round = 1; round <= ROUNDS; round++) {
        asm volatile(
            "sd %0, (%1)\n"
            "amoswap.d.rl zero, %0, (%2)\n" ::"r"(round),
            "r"(&message[round * 8 % 64]), "r"(&flag)
            : "memory");
        while (taken != round) relax();
    }
    return finish(1);
}

static u64 x __attribute__((aligned(64))), y __attribute__((aligned(64)));
static u64 saw[2];
static struct meeting before, after;

// Dekker's: each stores to its own and loads the other's; not both may miss the other's store.
static u64 store_then_load(u64 hart) {
    if (hart > 1) return 0;
    volatile u64 *mine = hart ? &y : &x, *other = hart ? &x : &y;
    *mine = 1;
    fence();
    saw[hart] = *other;
    return 0;
}

TEST(a_fence_drains_stores_before_later_loads) {
    for (int round = 0; round < 40; round++) {
        x = y = 0;
        PASS_ON(together(store_then_load));
        CHECK(saw[0] | saw[1]);
    }
    return 0;
}

static volatile u8 bytes[64] __attribute__((aligned(64)));
static volatile u64 own[8] __attribute__((aligned(64)));

static u64 write_own(u64 hart) {
    meet(&before);
    for (u64 round = 1; round <= ROUNDS; round++) {
        u8 last = bytes[hart + 16];
        if (last != (u8)(round - 1)) return mismatch(__LINE__, last, round - 1);
        bytes[hart + 16] = round;
        own[hart] += hart + 1;
    }
    meet(&after);
    return 0;
}

TEST(harts_that_share_a_line_and_no_byte_do_not_disturb_each_other) {
    for (int i = 0; i < 64; i++) bytes[i] = i < 16 ? 0xaa : 0;
    for (int i = 0; i < 8; i++) own[i] = 0;
    PASS_ON(together(write_own));
    for (u64 hart = 0; hart < harts(); hart++) {
        EQUAL(bytes[hart + 16], (u8)ROUNDS);
        EQUAL(own[hart], ROUNDS * (hart + 1));
    }
    for (int i = 0; i < 16; i++) EQUAL(bytes[i], 0xaa);
    return 0;
}
