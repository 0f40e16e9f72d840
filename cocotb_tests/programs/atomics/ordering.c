// Fences, and code that a program writes itself.
#include "../env/env.h"

static u32 code[1024] __attribute__((aligned(4096)));

TEST(fences_of_every_kind_and_hints_do_nothing_else) {
    u64 a = 1;
    asm volatile(
        "fence\n"
        "fence r, rw\n"
        "fence w, w\n"
        "fence i, o\n"
        "fence.tso\n"
        ".word 0x0100000f\n"  // pause
        ".word 0x0000000f\n"  // fence with nothing
        ".word 0xfff0000f\n"  // reserved fm: as a fence
        "addi zero, zero, 0\n"
        "lui zero, 0x12345\n"
        "auipc zero, 0x12345\n"
        "add zero, %0, %0\n"
        "slti zero, %0, 4\n"
        : "+r"(a));
    EQUAL(a, 1);
    return 0;
}

TEST(x0_stays_zero) {
    u64 value;
    asm volatile(
        "addi zero, zero, 5\n"
        "ld zero, 0(%1)\n"
        "amoadd.d zero, zero, (%1)\n"
        "mul zero, %1, %1\n"
        "csrr zero, mscratch\n"
        "jal zero, 1f\n"
        "1: mv %0, zero\n"
        : "=r"(value)
        : "r"(code)
        : "memory");
    EQUAL(value, 0);
    return 0;
}

// li a0, n; ret
static void write_function(u32* at, u32 n) {
    ((volatile u32*)at)[0] = 0x00000513 | n << 20;
    ((volatile u32*)at)[1] = 0x00008067;
}

TEST(code_that_was_just_written_runs_after_fence_i) {
    for (u32 round = 0; round < 64; round++) {
        u32* at = &code[round * 4 % 1000];
        write_function(at, round);
        fence_i();
        u64 got = ((u64 (*)(void))at)();
        EQUAL(got, round);
    }
    return 0;
}

TEST(code_that_was_cached_is_replaced_after_fence_i) {
    for (u32 round = 0; round < 32; round++) {
        write_function(code, round);
        fence_i();
        for (int again = 0; again < 3; again++) {
            u64 got = ((u64 (*)(void))code)();
            EQUAL(got, round);
        }
    }
    return 0;
}

TEST(an_instruction_right_behind_fence_i_can_have_been_written_right_before) {
    for (u32 round = 1; round < 16; round++) {
        u64 got;
        asm volatile(
            ".option push\n"
            ".option norvc\n"
            ".balign 4\n"
            "la t0, 1f\n"
            "sw %1, 0(t0)\n"
            "fence.i\n"
            "1: li a0, 0\n"
            "mv %0, a0\n"
            ".option pop\n"
            : "=r"(got)
            : "r"(0x00000513 | round << 20)
            : "t0", "a0", "memory");
        EQUAL(got, round);
    }
    return 0;
}

TEST(loads_see_stores_of_every_width_just_before) {
    static u64 slot;
    for (u64 i = 0; i < 32; i++) {
        u64 word = 0x0102030405060708 * i, half, byte;
        slot = ~0ull;
        asm volatile(
            "sd %2, 0(%3)\n"
            "lhu %0, 2(%3)\n"
            "sb zero, 3(%3)\n"
            "lhu %1, 2(%3)\n"
            : "=&r"(half), "=&r"(byte)
            : "r"(word), "r"(&slot)
            : "memory");
        EQUAL(half, word >> 16 & 0xffff);
        EQUAL(byte, word >> 16 & 0xff);
    }
    return 0;
}
