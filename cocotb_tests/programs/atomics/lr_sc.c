// The rules of load-reserved and store-conditional that one hart can see.
#include "../env/env.h"

static u64 word[64] __attribute__((aligned(64)));

static inline u64 lr(volatile u64* at) {
    u64 value;
    asm volatile("lr.d %0, (%1)" : "=r"(value) : "r"(at) : "memory");
    return value;
}

static inline u64 sc(volatile u64* at, u64 value) {
    u64 failed;
    asm volatile("sc.d %0, %2, (%1)" : "=r"(failed) : "r"(at), "r"(value) : "memory");
    return failed;
}

static inline u64 lr_w(volatile u32* at) {
    u64 value;
    asm volatile("lr.w %0, (%1)" : "=r"(value) : "r"(at) : "memory");
    return value;
}

static inline u64 sc_w(volatile u32* at, u64 value) {
    u64 failed;
    asm volatile("sc.w %0, %2, (%1)" : "=r"(failed) : "r"(at), "r"(value) : "memory");
    return failed;
}

TEST(sc_after_lr_stores_and_writes_zero) {
    word[0] = 5;
    for (u64 i = 0; i < 8; i++) {
        EQUAL(lr(&word[0]), 5 + i);
        EQUAL(sc(&word[0], 6 + i), 0);
        EQUAL(load64((u64)&word[0]), 6 + i);
    }
    return 0;
}

TEST(sc_without_a_reservation_fails) {
    word[0] = 5;
    lr(&word[0]);
    sc(&word[0], 6);
    EQUAL(sc(&word[0], 7), 1);  // the first one ended it
    EQUAL(load64((u64)&word[0]), 6);
    return 0;
}

TEST(sc_to_another_line_fails_and_ends_the_reservation) {
    word[0] = 5, word[32] = 9;
    lr(&word[0]);
    EQUAL(sc(&word[32], 10), 1);
    EQUAL(load64((u64)&word[32]), 9);
    EQUAL(sc(&word[0], 6), 1);
    EQUAL(load64((u64)&word[0]), 5);
    return 0;
}

TEST(a_second_lr_moves_the_reservation) {
    word[0] = 5, word[32] = 9;
    lr(&word[0]);
    lr(&word[32]);
    EQUAL(sc(&word[0], 6), 1);
    lr(&word[0]);
    lr(&word[32]);
    EQUAL(sc(&word[32], 10), 0);
    EQUAL(load64((u64)&word[32]), 10);
    return 0;
}

TEST(lr_w_and_sc_w_sign_extend_and_leave_the_other_half) {
    word[0] = 0x1122334480000001;
    EQUAL(lr_w((u32*)word), 0xffffffff80000001);
    EQUAL(sc_w((u32*)word, 0xaaaaaaaa77777777), 0);
    EQUAL(load64((u64)word), 0x1122334477777777);
    EQUAL(lr_w((u32*)word + 1), 0x11223344);
    EQUAL(sc_w((u32*)word + 1, ~0ull), 0);
    EQUAL(load64((u64)word), 0xffffffff77777777);
    return 0;
}

TEST(sc_fails_with_the_value_one_and_rd_x0_is_allowed) {
    word[0] = 5;
    lr(&word[0]);
    asm volatile("sc.d zero, %1, (%0)" ::"r"(word), "r"(8ull) : "memory");
    EQUAL(load64((u64)word), 8);
    u64 failed;
    asm volatile("sc.d %0, %1, (%2)" : "=&r"(failed) : "r"(9ull), "r"(word) : "memory");
    EQUAL(failed, 1);
    return 0;
}

TEST(rd_may_be_an_operand_of_sc) {
    word[0] = 5;
    u64 both = (u64)word;
    lr(word);
    asm volatile("sc.d %0, %0, (%0)" : "+r"(both)::"memory");
    EQUAL(both, 0);
    EQUAL(load64((u64)word), (u64)word);
    return 0;
}

TEST(a_trap_and_its_return_between_lr_and_sc_are_survived) {
    // Whether the SC then works is open; that it never does both, or neither, is not.
    for (int i = 0; i < 4; i++) {
        word[0] = 5;
        lr(word);
        run_in(U, snippet_ecall, 0, 0);
        u64 failed = sc(word, 6);
        CHECK(failed == 0 || failed == 1);
        EQUAL(load64((u64)word), failed ? 5 : 6);
    }
    return 0;
}

TEST(a_constrained_loop_always_ends) {
    for (u64 i = 0; i < 100; i++) {
        u64 index = i * 7 % 64;
        word[index] = i;
        asm volatile(
            "1: lr.d t0, (%0)\n"
            "addi t0, t0, 1\n"
            "sc.d t1, t0, (%0)\n"
            "bnez t1, 1b\n" ::"r"(&word[index])
            : "t0", "t1", "memory");
        EQUAL(load64((u64)&word[index]), i + 1);
    }
    return 0;
}

TEST(a_constrained_loop_of_sixteen_instructions_ends_when_lines_conflict) {
    for (u64 i = 0; i < 16; i++) {
        // lines of the same set around the reserved one
        for (u64 way = 0; way < 8; way++) load64(0x80500000 + way * 4096 + i * 64);
        u64 at = 0x80510000 + i * 64;
        store64(at, i);
        asm volatile(
            "1: lr.d t0, (%0)\n"
            "addi t0, t0, 1\n"
            "nop; nop; nop; nop; nop; nop; nop; nop; nop; nop; nop\n"
            "sc.d t1, t0, (%0)\n"
            "bnez t1, 1b\n" ::"r"(at)
            : "t0", "t1", "memory");
        EQUAL(load64(at), i + 1);
    }
    return 0;
}

TEST(misaligned_lr_sc_and_amo_trap) {
    u64 at = (u64)word + 4;
    struct outcome got = run_in(M, snippet_lr, at, 0);
    TRAPS(got, M, LOAD_MISALIGNED, snippet_lr, at);
    got = run_in(M, snippet_sc, at, 0);
    TRAPS(got, M, STORE_MISALIGNED, snippet_sc, at);
    got = run_in(M, snippet_amo, at, 0);
    TRAPS(got, M, STORE_MISALIGNED, snippet_amo, at);
    got = run_in(M, snippet_amo_w, at + 1, 0);
    TRAPS(got, M, STORE_MISALIGNED, snippet_amo_w, at + 1);
    return 0;
}

TEST(atomics_where_there_is_no_memory_are_access_faults) {
    u64 at = 0x18000000;
    struct outcome got = run_in(M, snippet_lr, at, 0);
    TRAPS(got, M, LOAD_ACCESS, snippet_lr, at);
    got = run_in(M, snippet_amo, at, 0);
    TRAPS(got, M, STORE_ACCESS, snippet_amo, at);
    return 0;
}
