// U-mode's side: runs the tests that were linked with it, as the runner of M-mode does.
#include "../env/env.h"

extern const struct test __start_tests[], __stop_tests[];

static u64 call(u64 number, u64 argument) {
    register u64 a0 asm("a0") = argument;
    register u64 a7 asm("a7") = number;
    asm volatile("ecall" : "+r"(a0) : "r"(a7) : "memory");
    return a0;
}

static void put(const char* text) {
    while (*text) call(1, *text++);
}

u64 mismatch(u64 line, u64 got, u64 want) {
    (void)got, (void)want;
    return line;
}

// A test of instructions keeps no register but sp.
u64 call_test(u64 (*run)(void));
asm("    .text\n"
    "call_test:\n"
    "    addi sp, sp, -128\n"
    "    sd ra, 0(sp)\n"
    "    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11\n"
    "    sd s\\n, 8 + 8 * \\n(sp)\n"
    "    .endr\n"
    "    jalr a0\n"
    "    ld ra, 0(sp)\n"
    "    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11\n"
    "    ld s\\n, 8 + 8 * \\n(sp)\n"
    "    .endr\n"
    "    addi sp, sp, 128\n"
    "    ret\n");

void user_main(void) {
    u64 failed = 0;
    for (const struct test* test = __start_tests; test < __stop_tests; test++) {
        put(test->name);
        u64 result = call_test(test->run);
        if (result) failed++;
        put(result ? ": FAIL\n" : ": ok\n");
    }
    call(2, failed);
}

asm("    .section .text.user_start, \"ax\"\n"
    "    .globl user_start\n"
    "user_start:\n"
    "    la sp, user_stack_top\n"
    "    call user_main\n");
