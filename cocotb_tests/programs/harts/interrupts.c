// Interrupts that one hart sends to another, and the timer of each.
#include "../env/harts.h"

#define SETSSIP 0x2f00000ull

static volatile u64 asked __attribute__((aligned(64)));

// Sleeps until bits of mip that are in mie appear, then takes them back in its own way.
static u64 take_msip(u64 hart) {
    csr_write(mie, BIT(IRQ_MSI));
    fence();
    asked = hart;
    asm volatile("wfi");
    while (!(csr_read(mip) & BIT(IRQ_MSI))) relax();
    store32(MSIP + 4 * hart, 0);
    load32(MSIP + 4 * hart);
    u64 left = csr_read(mip) & BIT(IRQ_MSI);
    csr_write(mie, 0);
    return left ? __LINE__ : 0;
}

TEST(msip_reaches_the_hart_that_it_is_for) {
    EACH_OTHER(hart) {
        asked = 0;
        begin(hart, take_msip, hart);
        while (asked != hart) relax();
        store32(MSIP + 4 * hart, 1);
        PASS_ON(finish(hart));
        EQUAL(load32(MSIP + 4 * hart), 0);
        EQUAL(csr_read(mip) & BIT(IRQ_MSI), 0);
    }
    return 0;
}

static u64 take_ssip(u64 hart) {
    csr_write(mie, BIT(IRQ_SSI));
    fence();
    asked = hart;
    asm volatile("wfi");
    while (!(csr_read(mip) & BIT(IRQ_SSI))) relax();
    u64 read = load32(SETSSIP + 4 * hart);
    // an edge: the hart itself takes it back, and it does not come again
    csr_clear(mip, BIT(IRQ_SSI));
    u64 left = csr_read(mip) & BIT(IRQ_SSI);
    csr_write(mie, 0);
    if (read) return __LINE__;
    return left ? __LINE__ : 0;
}

TEST(setssip_raises_ssip_of_the_hart_that_it_is_for) {
    if (on_spike()) return SKIP;
    store32(SETSSIP, 0);
    EQUAL(csr_read(mip) & BIT(IRQ_SSI), 0);
    store32(SETSSIP, 2);  // only bit 0 counts
    load32(SETSSIP);
    EQUAL(csr_read(mip) & BIT(IRQ_SSI), 0);
    EACH_OTHER(hart) {
        asked = 0;
        begin(hart, take_ssip, hart);
        while (asked != hart) relax();
        store32(SETSSIP + 4 * hart, 1);
        PASS_ON(finish(hart));
        EQUAL(csr_read(mip) & BIT(IRQ_SSI), 0);
    }
    store32(SETSSIP, 1);
    while (!(csr_read(mip) & BIT(IRQ_SSI))) relax();
    csr_clear(mip, BIT(IRQ_SSI));
    EQUAL(csr_read(mip) & BIT(IRQ_SSI), 0);
    return 0;
}

TEST(setssip_has_four_bytes_for_each_hart) {
    if (on_spike() || on_qemu()) return SKIP;
    struct outcome got = run_in(M, snippet_lw, SETSSIP + 4 * harts(), 0);
    TRAPS(got, M, LOAD_ACCESS, snippet_lw, SETSSIP + 4 * harts());
    got = run_in(M, snippet_ld, SETSSIP, 0);
    TRAPS(got, M, LOAD_ACCESS, snippet_ld, SETSSIP);
    return 0;
}

// An interrupt between two CSR instructions that clear SSIP is not lost.
static u64 count_ssip(u64 hart) {
    u64 taken = 0;
    fence();
    asked = hart;
    while (taken < 50) {
        if (csr_read(mip) & BIT(IRQ_SSI)) {
            csr_clear(mip, BIT(IRQ_SSI));
            fence();
            asked = MOST_HARTS + ++taken;
        }
        csr_clear(mip, BIT(IRQ_STI));  // writes all of mip, SSIP as it was read
    }
    return 0;
}

TEST(ssip_is_not_lost_to_a_write_of_mip) {
    if (on_spike()) return SKIP;
    asked = 0;
    begin(1, count_ssip, 1);
    while (asked != 1) relax();
    for (u64 sent = 1; sent <= 50; sent++) {
        store32(SETSSIP + 4, 1);
        while (asked != MOST_HARTS + sent) relax();
        for (u64 wait = sent % 7; wait; wait--) relax();
    }
    return finish(1);
}

static u64 take_timer(u64 hart) {
    csr_write(mie, BIT(IRQ_MTI));
    u64 due = load64(MTIME) + 2 + hart;
    store64(MTIMECMP + 8 * hart, due);
    asm volatile("wfi");
    while (!(csr_read(mip) & BIT(IRQ_MTI))) relax();
    u64 now = load64(MTIME);
    store64(MTIMECMP + 8 * hart, ~0ull);
    csr_write(mie, 0);
    return now < due ? __LINE__ : 0;
}

TEST(every_hart_has_a_timer_of_its_own) {
    PASS_ON(together(take_timer));
    EQUAL(csr_read(mip) & BIT(IRQ_MTI), 0);
    return 0;
}
