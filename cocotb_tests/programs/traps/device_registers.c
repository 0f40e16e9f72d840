// The registers of the timer, whole and by halves, and of the UART beside its transmitter.
#include "../env/env.h"

#define NEVER (~0ull)
#define SOON (1ull << 24)  // ticks, of which a test takes fewer on every machine

static u8 load8(u64 address) { return *(volatile u8*)address; }
static void store8(u64 address, u8 value) { *(volatile u8*)address = value; }

static bool just_after(u64 now, u64 then) { return now - then < SOON; }

TEST(mtimecmp_by_halves) {
    store64(MTIMECMP, 0xfedcba9876543210);
    EQUAL(load32(MTIMECMP), 0x76543210);
    EQUAL(load32(MTIMECMP + 4), 0xfedcba98);
    store32(MTIMECMP + 4, 0x7fffffff);
    EQUAL(load64(MTIMECMP), 0x7fffffff76543210);
    store32(MTIMECMP, 0x89abcdef);
    EQUAL(load64(MTIMECMP), 0x7fffffff89abcdef);
    store64(MTIMECMP, NEVER);
    return 0;
}

TEST(mtime_by_halves) {
    u64 before = load64(MTIME);
    store64(MTIME, 0x1200000000);
    CHECK(just_after(load64(MTIME), 0x1200000000));
    EQUAL(load32(MTIME + 4), 0x12);
    CHECK(load32(MTIME) < SOON);
    store32(MTIME + 4, 0x34);
    CHECK(just_after(load64(MTIME), 0x3400000000));
    store32(MTIME, 0x56000000);
    CHECK(just_after(load64(MTIME), 0x3456000000));
    CHECK(just_after(csr_read(time), 0x3456000000));
    store64(MTIME, before);
    return 0;
}

TEST(mtip_follows_mtime) {
    u64 before = load64(MTIME);
    store64(MTIMECMP, before + (1ull << 40));
    while (csr_read(mip) & BIT(IRQ_MTI));
    store32(MTIME + 4, (before >> 32) + (1 << 9));
    while (!(csr_read(mip) & BIT(IRQ_MTI)));
    store64(MTIMECMP, NEVER);
    store64(MTIME, before);
    return 0;
}

#define LINE_CONTROL (UART + 3)
#define MODEM_CONTROL (UART + 4)
#define LINE_STATUS (UART + 5)
#define SCRATCH (UART + 7)
#define EIGHT_BITS 0x03
#define DIVISOR_ACCESS 0x80
#define TRANSMITTER_EMPTY 0x60

TEST(uart_registers) {
    EQUAL(load8(LINE_STATUS) & TRANSMITTER_EMPTY, TRANSMITTER_EMPTY);
    u8 modem = load8(MODEM_CONTROL);
    store8(SCRATCH, 0xa5);
    EQUAL(load8(SCRATCH), 0xa5);
    store8(LINE_CONTROL, DIVISOR_ACCESS | EIGHT_BITS);
    EQUAL(load8(LINE_CONTROL), DIVISOR_ACCESS | EIGHT_BITS);
    store8(UART, 0x34);
    store8(UART + 1, 0x12);
    EQUAL(load8(UART), 0x34);
    EQUAL(load8(UART + 1), 0x12);
    store8(LINE_CONTROL, EIGHT_BITS);
    EQUAL(load8(LINE_CONTROL), EIGHT_BITS);
    EQUAL(load8(UART + 1), 0);  // no interrupt is enabled
    EQUAL(load8(MODEM_CONTROL), modem);
    return 0;
}
