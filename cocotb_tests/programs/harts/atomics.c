// Read-modify-writes of several harts on one line.
#include "../env/harts.h"

#define ROUNDS 100

static volatile u64 words[8] __attribute__((aligned(64)));
static u64 attempts[MOST_HARTS];

#define CONTENDED 0x80510000ull

static u64 increment(u64 hart) {
    u64 tries = 0;
    for (int round = 0; round < ROUNDS; round++) {
        asm volatile(
            "1: addi %0, %0, 1\n"
            "lr.d t0, (%1)\n"
            "addi t0, t0, 1\n"
            "sc.d t1, t0, (%1)\n"
            "bnez t1, 1b\n"
            : "+r"(tries)
            : "r"(words)
            : "t0", "t1", "memory");
    }
    attempts[hart] = tries;
    return 0;
}

TEST(lr_sc_loops_of_all_harts_end_and_lose_nothing) {
    words[0] = 0;
    PASS_ON(together(increment));
    EQUAL(words[0], ROUNDS * harts());
    for (u64 hart = 0; hart < harts(); hart++) CHECK(attempts[hart] >= ROUNDS);
    return 0;
}

// A loop with other loads before it, which may want the only way of a set.
static u64 increment_among_conflicts(u64 hart) {
    for (u64 round = 0; round < ROUNDS / 4; round++) {
        for (u64 way = 0; way < 4; way++) load64(0x80500000 + (4 * hart + way) * 4096);
        asm volatile(
            "1: lr.d t0, (%0)\n"
            "addi t0, t0, 1\n"
            "nop; nop; nop; nop; nop; nop; nop; nop; nop; nop\n"
            "sc.d t1, t0, (%0)\n"
            "bnez t1, 1b\n" ::"r"(CONTENDED)
            : "t0", "t1", "memory");
    }
    return 0;
}

TEST(a_constrained_loop_of_sixteen_instructions_ends_on_every_hart) {
    store64(CONTENDED, 0);
    PASS_ON(together(increment_among_conflicts));
    EQUAL(load64(CONTENDED), ROUNDS / 4 * harts());
    return 0;
}

#define EACH(op, index, value) \
    asm volatile(op " zero, %1, (%0)" ::"r"(&words[index]), "r"((u64)(value)) : "memory")

static u64 all_operations(u64 hart) {
    for (u64 round = 0; round < ROUNDS; round++) {
        EACH("amoadd.d", 0, hart + 1);
        EACH("amoxor.d", 1, 1ull << (round & 7) << 8 * hart);
        EACH("amoor.d", 2, 1ull << (round & 7) << 8 * hart);
        EACH("amoand.d", 3, ~(1ull << (round & 7) << 8 * hart));
        EACH("amomax.d", 4, hart << 8 | round);
        EACH("amominu.d", 5, 100000 - (hart << 8 | round));
        EACH("amoadd.w", 6, 1);
        asm volatile("amoadd.w zero, %1, (%0)" ::"r"((u64)words + 52), "r"(2ull) : "memory");
    }
    return 0;
}

TEST(atomics_of_all_harts_lose_nothing) {
    u64 all = harts() == MOST_HARTS ? ~0ull : BIT(8 * harts()) - 1, last = harts() - 1;
    for (int i = 0; i < 8; i++) words[i] = 0;
    words[3] = words[5] = ~0ull;
    PASS_ON(together(all_operations));
    EQUAL(words[0], ROUNDS * harts() * (harts() + 1) / 2);
    // rounds 96 to 99 are the ones without a partner
    EQUAL(words[1], all & 0x0f0f0f0f0f0f0f0f);
    EQUAL(words[2], all);
    EQUAL(words[3], ~all);
    EQUAL(words[4], last << 8 | (ROUNDS - 1));
    EQUAL(words[5], 100000 - (last << 8 | (ROUNDS - 1)));
    EQUAL(words[6], 2 * ROUNDS * harts() << 32 | ROUNDS * harts());
    return 0;
}

static u64 take_tickets(u64 hart) {
    u64 last = 0;
    for (int round = 0; round < ROUNDS; round++) {
        u64 ticket = amoadd(&words[0], 1);
        if (round && ticket <= last) return __LINE__;
        last = ticket;
        amoadd(&words[1], ticket);
    }
    (void)hart;
    return 0;
}

TEST(what_an_amo_returns_is_given_once) {
    words[0] = words[1] = 0;
    PASS_ON(together(take_tickets));
    u64 tickets = ROUNDS * harts();
    EQUAL(words[0], tickets);
    EQUAL(words[1], tickets * (tickets - 1) / 2);
    return 0;
}
