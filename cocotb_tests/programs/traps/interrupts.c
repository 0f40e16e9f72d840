// Which interrupt is taken, when, by which mode, and which first.
#include "../env/env.h"

#define ALL (BIT(IRQ_SSI) | BIT(IRQ_MSI) | BIT(IRQ_STI) | BIT(IRQ_MTI) | BIT(IRQ_SEI))

// Makes exactly these pending; those of M-mode through the devices.
static void set_pending(u64 mask) {
    csr_write(mip, mask & (BIT(IRQ_SSI) | BIT(IRQ_STI) | BIT(IRQ_SEI)));
    store32(MSIP, mask >> IRQ_MSI & 1);
    store64(MTIMECMP, mask & BIT(IRQ_MTI) ? 0 : ~0ull);
    while ((csr_read(mip) & ALL) != mask);
}

static const int numbers[] = {IRQ_SSI, IRQ_MSI, IRQ_STI, IRQ_MTI, IRQ_SEI};

// Every condition on one interrupt: delegated, enabled, mode, and both global enables.
TEST(an_interrupt_is_taken_where_and_only_where_it_may_be) {
    for (int i = 0; i < 5; i++) {
        int number = numbers[i];
        set_pending(BIT(number));
        for (int setting = 0; setting < 48; setting++) {
            bool delegated = setting & 1, enabled = setting & 2, mie = setting & 4,
                 sie = setting & 8;
            enum mode mode = (const enum mode[]){U, S, M}[setting >> 4];
            csr_write(mideleg, delegated ? ~0ull : 0);
            delegated = csr_read(mideleg) & BIT(number);
            csr_write(mie, enabled ? BIT(number) : 0);
            csr_write(mstatus, (mie ? STATUS_MPIE : 0) | (sie ? STATUS_SIE : 0));
            struct outcome got = run_in(mode, snippet_ecall, 0, 0);
            bool open = delegated ? mode == U || (mode == S && sie) : mode < M || mie;
            u64 line = __LINE__ | number << 24 | setting << 16;
            u64 wrong;
            if (enabled && open) {
                wrong = expect_trap(line, &got, delegated ? S : M, INTERRUPT | number,
                                    (u64)snippet_ecall, 0);
            } else {
                wrong = expect_trap(line, &got, M, ecall_from(mode), (u64)snippet_ecall, 0);
            }
            if (wrong) return wrong;
        }
    }
    set_pending(0);
    return 0;
}

static int highest(u64 pending) {
    const int order[] = {IRQ_MEI, IRQ_MSI, IRQ_MTI, IRQ_SEI, IRQ_SSI, IRQ_STI};
    for (int i = 0; i < 6; i++) {
        if (pending & BIT(order[i])) return order[i];
    }
    return -1;
}

static u64 subset(u64 bits) {
    u64 mask = 0;
    for (int i = 0; i < 5; i++) {
        if (bits >> i & 1) mask |= BIT(numbers[i]);
    }
    return mask;
}

TEST(several_interrupts_are_taken_in_the_order_of_the_spec) {
    csr_write(mie, ALL);
    for (u64 bits = 1; bits < 32; bits++) {
        u64 pending = subset(bits);
        set_pending(pending);
        struct outcome got = run_in(U, snippet_ecall, 0, 0);
        TRAPS(got, M, INTERRUPT | highest(pending), snippet_ecall, 0);
    }
    set_pending(0);
    return 0;
}

TEST(what_m_mode_takes_comes_before_what_is_delegated) {
    csr_write(mie, ALL);
    const u64 delegated = BIT(IRQ_SSI) | BIT(IRQ_SEI);  // STI, the lowest, stays with M-mode
    csr_write(mideleg, delegated);
    for (u64 bits = 1; bits < 32; bits++) {
        u64 pending = subset(bits);
        set_pending(pending);
        struct outcome got = run_in(U, snippet_ecall, 0, 0);
        u64 machine = pending & ~delegated;
        int first = highest(machine ? machine : pending);
        TRAPS(got, machine ? M : S, INTERRUPT | first, snippet_ecall, 0);
    }
    set_pending(0);
    return 0;
}

TEST(a_disabled_interrupt_does_not_hide_a_lower_one) {
    set_pending(ALL);
    for (u64 bits = 1; bits < 32; bits++) {
        csr_write(mie, subset(bits));
        struct outcome got = run_in(U, snippet_ecall, 0, 0);
        TRAPS(got, M, INTERRUPT | highest(subset(bits)), snippet_ecall, 0);
    }
    set_pending(0);
    return 0;
}

TEST(vectored_interrupts_enter_their_slot_and_exceptions_the_base) {
    for (int i = 0; i < 5; i++) {
        set_pending(BIT(numbers[i]));
        csr_write(mie, BIT(numbers[i]));
        struct entry entry = {.mode = U, .pc = (u64)snippet_ecall, .mtvec = (u64)m_vectors | 1};
        struct outcome got;
        enter(&got, &entry);
        TRAPS(got, M, INTERRUPT | numbers[i], snippet_ecall, 0);
        EQUAL(got.vector, numbers[i]);
    }
    set_pending(0);
    const char* raises[] = {snippet_ecall, snippet_ebreak, snippet_unimp};
    for (int i = 0; i < 3; i++) {
        struct entry entry = {.mode = S, .pc = (u64)raises[i], .mtvec = (u64)m_vectors | 1};
        struct outcome got;
        enter(&got, &entry);
        EQUAL(got.cause >> 63, 0);
        EQUAL(got.epc, raises[i]);
        EQUAL(got.vector, 0);
    }
    return 0;
}

TEST(vectored_interrupts_of_s_mode_enter_their_slot) {
    csr_write(mideleg, ~0ull);
    csr_write(medeleg, BIT(BREAKPOINT));
    csr_write(stvec, (u64)s_vectors | 1);
    const int supervisor[] = {IRQ_SSI, IRQ_STI, IRQ_SEI};
    for (int i = 0; i < 3; i++) {
        set_pending(BIT(supervisor[i]));
        csr_write(mie, BIT(supervisor[i]));
        struct outcome got = run_in(U, snippet_ecall, 0, 0);
        TRAPS(got, S, INTERRUPT | supervisor[i], snippet_ecall, 0);
        EQUAL(got.vector, supervisor[i]);
    }
    set_pending(0);
    struct outcome got = run_in(U, snippet_ebreak, 0, 0);
    TRAPS(got, S, BREAKPOINT, snippet_ebreak, snippet_ebreak);
    EQUAL(got.vector, 0);
    return 0;
}

// An interrupt that arrives while code runs leaves epc at an instruction that has not run.
TEST(a_timer_interrupt_stops_a_loop_between_two_instructions) {
    csr_write(mie, BIT(IRQ_MTI));
    for (u64 wait = 60; wait < 64; wait++) {
        store64(MTIMECMP, load64(MTIME) + wait);
        struct outcome got = run_in(S, snippet_spin, 0, 0);
        EQUAL(got.cause, INTERRUPT | IRQ_MTI);
        CHECK(got.epc == (u64)snippet_spin || got.epc == (u64)snippet_spin + 4);
        EQUAL(got.tval, 0);
        CHECK(got.a0 > 0);
    }
    return 0;
}

TEST(mtip_falls_when_mtimecmp_is_moved) {
    store64(MTIMECMP, 0);
    while (!(csr_read(mip) & BIT(IRQ_MTI)));
    store64(MTIMECMP, ~0ull);
    while (csr_read(mip) & BIT(IRQ_MTI));
    csr_write(mip, BIT(IRQ_MTI) | BIT(IRQ_MSI));  // read only
    EQUAL(csr_read(mip) & (BIT(IRQ_MTI) | BIT(IRQ_MSI)), 0);
    return 0;
}

// sip and sie show what is delegated; of sip S-mode can change SSIP only.
TEST(sip_and_sie_show_what_is_delegated) {
    set_pending(ALL);
    csr_write(mie, ALL);
    for (u64 bits = 0; bits < 8; bits++) {
        u64 delegated = (bits & 1 ? BIT(IRQ_SSI) : 0) | (bits & 2 ? BIT(IRQ_STI) : 0) |
                        (bits & 4 ? BIT(IRQ_SEI) : 0);
        csr_write(mideleg, delegated);
        EQUAL(csr_read(sip), delegated);
        EQUAL(csr_read(sie), delegated);
        csr_write(sie, 0);
        EQUAL(csr_read(mie), ALL & ~delegated);
        csr_write(sie, ~0ull);
        EQUAL(csr_read(mie), ALL);
        csr_write(sip, 0);
        EQUAL(csr_read(mip) & ALL, ALL & ~(delegated & BIT(IRQ_SSI)));
        csr_write(sip, ~0ull);
        EQUAL(csr_read(mip) & ALL, ALL);
    }
    set_pending(0);
    return 0;
}

TEST(wfi_goes_on_when_a_masked_interrupt_is_pending) {
    csr_write(mstatus, 0);
    csr_write(mie, BIT(IRQ_MTI));
    csr_write(mideleg, ~0ull);
    u64 until = load64(MTIME) + 60;
    store64(MTIMECMP, until);
    struct outcome got = run_in(M, snippet_wfi, 0, 0);  // with mstatus.MIE clear
    TRAPS(got, M, ECALL_M, (u64)snippet_wfi + 4, 0);
    CHECK(on_spike() || on_qemu() || load64(MTIME) >= until);
    store64(MTIMECMP, ~0ull);
    while (csr_read(mip) & BIT(IRQ_MTI));
    csr_write(mie, BIT(IRQ_SSI));
    csr_write(mip, BIT(IRQ_SSI));
    got = run_in(S, snippet_wfi, 0, 0);  // with sstatus.SIE clear
    TRAPS(got, M, ECALL_S, (u64)snippet_wfi + 4, 0);
    return 0;
}

TEST(an_interrupt_that_ends_wfi_leaves_epc_behind_it) {
    csr_write(mie, BIT(IRQ_MTI));
    store64(MTIMECMP, load64(MTIME) + 60);
    struct outcome got = run_in(S, snippet_wfi, 0, 0);
    EQUAL(got.cause, INTERRUPT | IRQ_MTI);
    CHECK(got.epc == (u64)snippet_wfi + 4 || on_spike() || on_qemu());
    return 0;
}

TEST(an_interrupt_enabled_by_a_csr_write_is_taken_at_the_next_instruction) {
    set_pending(BIT(IRQ_MSI));
    csr_write(mie, BIT(IRQ_MSI));
    csr_write(mstatus, 0);
    u64 handler = csr_read(mtvec);
    asm goto(
        "la t0, %l[taken]\n"
        "csrw mtvec, t0\n"
        "csrsi mstatus, 8\n"
        "j %l[late]\n"
        "j %l[late]\n" ::
            : "t0", "memory"
        : taken, late);
late:
    csr_clear(mstatus, STATUS_MIE);
    csr_write(mtvec, handler);
    set_pending(0);
    return __LINE__;
taken:
    csr_write(mtvec, handler);
    set_pending(0);
    EQUAL(csr_read(mcause), INTERRUPT | IRQ_MSI);
    return 0;
}
