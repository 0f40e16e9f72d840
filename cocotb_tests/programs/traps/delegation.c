// Which mode's handler an exception enters, and what it finds in that mode's CSRs.
#include "provoke.h"

static u64 tagged(u64 line, u64 mode, u64 cause) { return line | mode << 24 | cause << 16; }

// Each exception from each mode under this medeleg; `to_s` says whether the bit is set in it.
static u64 sweep(u64 line, u64 (*medeleg)(u64 cause), bool delegated) {
    provoke_setup();
    const enum mode modes[] = {U, S, M};
    for (int i = 0; i < 3; i++) {
        enum mode mode = modes[i];
        for (u64 cause = FETCH_ACCESS; cause <= STORE_PAGE; cause++) {
            struct provocation how;
            if (!provocation_of(mode, cause, &how)) continue;
            csr_write(medeleg, medeleg(cause));
            csr_write(mcause, 0x55);
            csr_write(mtval, 0x55);
            csr_write(stval, 0x55);
            struct outcome got = provoke(mode, &how);
            enum mode handler = delegated && mode != M ? S : M;
            u64 wrong = expect_trap(line, &got, handler, cause, how.epc, how.tval);
            if (wrong) return mismatch(tagged(line, mode, cause), got.cause, got.tval);
            u64 previous =
                handler == S ? (got.status & STATUS_SPP ? S : U) : (got.status & STATUS_MPP) >> 11;
            if (previous != mode) return mismatch(tagged(line, mode, cause), previous, mode);
        }
    }
    return 0;
}

static u64 none(u64 cause) { return 0 * cause; }
static u64 only(u64 cause) { return BIT(cause); }
static u64 all_but(u64 cause) { return 0xb3ff & ~BIT(cause); }

// All, but for the one by which s_catch hands on.
static u64 all(u64 cause) { return 0xb3ff & ~BIT(cause == ECALL_S ? BREAKPOINT : ECALL_S); }

TEST(exceptions_go_to_m_mode_unless_delegated) { return sweep(__LINE__, none, false); }

TEST(one_delegated_exception_goes_to_s_mode) { return sweep(__LINE__, only, true); }

TEST(delegation_of_the_others_does_not_count) { return sweep(__LINE__, all_but, false); }

TEST(delegated_exceptions_in_m_mode_stay_there) { return sweep(__LINE__, all, true); }

TEST(medeleg_never_delegates_ecall_from_m) {
    csr_write(medeleg, ~0ull);
    EQUAL(csr_read(medeleg) & BIT(ECALL_M), 0);
    struct outcome got = run_in(M, snippet_ecall, 0, 0);
    TRAPS(got, M, ECALL_M, snippet_ecall, 0);
    return 0;
}

// Where bits are that can be set, each is by itself.
TEST(medeleg_bits_are_independent) {
    csr_write(medeleg, ~0ull);
    u64 writable = csr_read(medeleg);
    CHECK((writable & 0xb3fe) == 0xb3fe);
    for (int bit = 0; bit < 64; bit++) {
        csr_write(medeleg, BIT(bit));
        EQUAL(csr_read(medeleg), writable & BIT(bit));
    }
    return 0;
}

TEST(mideleg_has_the_bits_of_s_mode) {
    csr_write(mideleg, ~0ull);
    EQUAL(csr_read(mideleg) & 0xfff, BIT(IRQ_SSI) | BIT(IRQ_STI) | BIT(IRQ_SEI));
    csr_write(mideleg, 0);
    EQUAL(csr_read(mideleg) & 0xfff, 0);
    return 0;
}

// A trap to one mode leaves the CSRs of the other alone.
TEST(a_trap_to_m_mode_leaves_the_csrs_of_s_mode) {
    csr_write(scause, 7);
    csr_write(sepc, 0x1234);
    csr_write(stval, 0x4321);
    csr_write(sscratch, 0x77);
    struct outcome got = run_in(U, snippet_ebreak, 0, 0);
    TRAPS(got, M, BREAKPOINT, snippet_ebreak, snippet_ebreak);
    EQUAL(csr_read(scause), 7);
    EQUAL(csr_read(sepc), 0x1234);
    EQUAL(csr_read(stval), 0x4321);
    EQUAL(csr_read(sscratch), 0x77);
    return 0;
}
