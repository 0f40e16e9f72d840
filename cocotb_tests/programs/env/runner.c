// Calls the tests of the image, in the order that the host asked for, and says how each ended.
#include "env.h"

// What the host may leave in memory: see runner.py. All zero where there is no host to do it.
struct request {
    u64 seed;   // 0: in the order of the image
    u64 first;  // the first test to run, and
    u64 count;  // how many; 0: all
};
#define REQUEST ((volatile struct request*)0x87000000)

extern const struct test __start_tests[], __stop_tests[];

static u64 got_, want_, line_;

u64 mismatch(u64 line, u64 got, u64 want) {
    line_ = line;
    got_ = got;
    want_ = want;
    return line;
}

void put_string(const char* text) {
    while (*text) *(volatile u8*)UART = *text++;
}

void put_number(u64 value) {
    put_string("0x");
    for (int shift = 60; shift >= 0; shift -= 4) {
        if (value >> shift || shift == 0)
            *(volatile u8*)UART = "0123456789abcdef"[value >> shift & 15];
    }
}

bool on_spike(void) { return csr_read(marchid) == 5; }

// QEMU 7.2 gives its version, major in bits 16 and up.
bool on_qemu(void) { return csr_read(marchid) >> 16 == 7; }

// CSRs as a test finds them, whatever the one before it left: TLBs and caches stay as they are.
static void restore(void) {
    csr_write(mie, 0);
    csr_write(satp, 0);
    csr_write(medeleg, 0);
    csr_write(mideleg, 0);
    csr_write(mstatus, 0);
    csr_write(stvec, s_catch);
    csr_write(menvcfg, 0);
    csr_write(mcounteren, 0);
    csr_write(scounteren, 0);
    csr_write(mcountinhibit, 0);
    csr_write(mip, 0);
    store32(MSIP, 0);
    store64(MTIMECMP, ~0ull);
}

static bool run_test(const struct test* test) {
    put_string(test->name);
    restore();
    line_ = 0;
    struct outcome outcome = run_in(M, test->run, 0, 0);
    restore();
    if (outcome.cause != ECALL_M || outcome.epc != (u64)snippet_ecall) {
        put_string(": FAIL unexpected trap, cause ");
        put_number(outcome.cause);
        put_string(" epc ");
        put_number(outcome.epc);
        put_string(" tval ");
        put_number(outcome.tval);
        put_string("\n");
        return false;
    }
    u64 result = outcome.a0;
    if (result == SKIP) {
        put_string(": skipped\n");
    } else if (result) {
        put_string(": FAIL at ");
        put_number(result & 0xffffffff);
        if (result == line_) {
            put_string(" got ");
            put_number(got_);
            put_string(" want ");
            put_number(want_);
        }
        put_string("\n");
        return false;
    } else {
        put_string(": ok\n");
    }
    return true;
}

static u16 order[1024];

u64 run_tests(void) {
    u64 tests = __stop_tests - __start_tests;
    for (u64 i = 0; i < tests; i++) order[i] = i;
    u64 random = REQUEST->seed;
    for (u64 i = tests - 1; random && i > 0; i--) {
        random ^= random << 13;  // xorshift64
        random ^= random >> 7;
        random ^= random << 17;
        u64 j = random % (i + 1);
        u16 other = order[i];
        order[i] = order[j];
        order[j] = other;
    }
    u64 first = REQUEST->first, count = REQUEST->count ? REQUEST->count : tests;
    u64 failed = 0;
    for (u64 i = first; i < first + count && i < tests; i++) {
        if (!run_test(&__start_tests[order[i]])) failed++;
    }
    put_string(failed ? "end: failed\n" : "end: passed\n");
    return failed > 255 ? 255 : failed;
}
