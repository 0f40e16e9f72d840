// The stack of privilege and interrupt enable, one level deep for each mode, and its users.
#include "../env/env.h"

// mret or sret to the address in a0, with mstatus and sepc or mepc set up inside.
asm("    .text\n"
    "    .balign 4\n"
    "return_by_mret:\n"  // a0: where to, a1: mstatus
    "    csrw    mepc, a0\n"
    "    csrw    mstatus, a1\n"
    "    mret\n"
    "return_by_sret:\n"
    "    csrw    sepc, a0\n"
    "    csrw    mstatus, a1\n"
    "    sret\n"
    "s_return:\n"  // in S-mode: a1 is for sstatus
    "    csrw    sepc, a0\n"
    "    csrw    sstatus, a1\n"
    "    sret\n"
    "read_mstatus:\n"
    "    csrr    a0, mstatus\n"
    "    ecall\n"
    "read_sstatus:\n"
    "    csrr    a0, sstatus\n"
    "    ecall\n");
extern char return_by_mret[], return_by_sret[], s_return[], read_mstatus[], read_sstatus[];

TEST(trap_to_m_mode_pushes_mpp_and_mpie) {
    const enum mode modes[] = {U, S, M};
    for (int i = 0; i < 3; i++) {
        for (int enabled = 0; enabled < 2; enabled++) {
            csr_write(mstatus, enabled ? STATUS_MPIE : 0);  // mret makes it MIE
            struct outcome got = run_in(modes[i], snippet_ecall, 0, 0);
            EQUAL(got.cause, ecall_from(modes[i]));
            EQUAL(got.status & STATUS_MPP, STATUS_MPP_OF(modes[i]));
            EQUAL(got.status & STATUS_MPIE, enabled ? STATUS_MPIE : 0);
            EQUAL(got.status & STATUS_MIE, 0);
        }
    }
    return 0;
}

TEST(trap_to_s_mode_pushes_spp_and_spie) {
    csr_write(medeleg, BIT(BREAKPOINT));
    for (enum mode mode = U; mode <= S; mode++) {
        for (int enabled = 0; enabled < 2; enabled++) {
            csr_write(mstatus, (enabled ? STATUS_SIE : STATUS_SPIE) | (mode == U ? STATUS_SPP : 0));
            struct outcome got = run_in(mode, snippet_ebreak, 0, 0);
            TRAPS(got, S, BREAKPOINT, snippet_ebreak, snippet_ebreak);
            EQUAL(got.status & STATUS_SPP, mode == S ? STATUS_SPP : 0);
            EQUAL(got.status & STATUS_SPIE, enabled ? STATUS_SPIE : 0);
            EQUAL(got.status & STATUS_SIE, 0);
        }
    }
    return 0;
}

TEST(trap_to_m_mode_leaves_the_s_mode_stack) {
    u64 bits = STATUS_SIE | STATUS_SPIE | STATUS_SPP;
    for (u64 set = 0; set < 8; set++) {
        u64 value =
            (set & 1 ? STATUS_SIE : 0) | (set & 2 ? STATUS_SPIE : 0) | (set & 4 ? STATUS_SPP : 0);
        csr_write(mstatus, value);
        struct outcome got = run_in(U, snippet_ecall, 0, 0);
        EQUAL(got.status & bits, value);
    }
    return 0;
}

TEST(mret_pops_to_m_mode) {
    for (int pie = 0; pie < 2; pie++) {
        u64 status = STATUS_MPP | (pie ? STATUS_MPIE : 0) | STATUS_MPRV;
        struct outcome got = run_in(M, return_by_mret, (u64)read_mstatus, status);
        EQUAL(got.cause, ECALL_M);
        EQUAL(got.a0 & STATUS_MIE, pie ? STATUS_MIE : 0);
        EQUAL(got.a0 & STATUS_MPIE, STATUS_MPIE);
        EQUAL(got.a0 & STATUS_MPP, STATUS_MPP_OF(U));
        EQUAL(got.a0 & STATUS_MPRV, STATUS_MPRV);  // kept: M-mode is not less privileged
    }
    return 0;
}

TEST(mret_pops_to_s_and_u_mode_and_clears_mprv) {
    for (enum mode mode = U; mode <= S; mode++) {
        for (int pie = 0; pie < 2; pie++) {
            u64 status = STATUS_MPP_OF(mode) | (pie ? STATUS_MPIE : 0) | STATUS_MPRV;
            struct outcome got = run_in(M, return_by_mret, (u64)snippet_ecall, status);
            EQUAL(got.cause, ecall_from(mode));
            EQUAL(got.status & STATUS_MPIE, pie ? STATUS_MPIE : 0);
            EQUAL(got.status & STATUS_MPRV, 0);
        }
    }
    return 0;
}

TEST(sret_in_m_mode_pops_the_s_mode_stack_and_clears_mprv) {
    for (enum mode mode = U; mode <= S; mode++) {
        for (int pie = 0; pie < 2; pie++) {
            u64 status = (mode == S ? STATUS_SPP : 0) | (pie ? STATUS_SPIE : 0) | STATUS_MPRV;
            struct outcome got = run_in(M, return_by_sret, (u64)snippet_ecall, status);
            EQUAL(got.cause, ecall_from(mode));
            EQUAL(got.status & STATUS_SIE, pie ? STATUS_SIE : 0);
            EQUAL(got.status & STATUS_SPIE, STATUS_SPIE);
            EQUAL(got.status & STATUS_SPP, 0);
            EQUAL(got.status & STATUS_MPRV, 0);
        }
    }
    return 0;
}

TEST(sret_in_s_mode_pops) {
    for (enum mode mode = U; mode <= S; mode++) {
        for (int pie = 0; pie < 2; pie++) {
            u64 status = (mode == S ? STATUS_SPP : 0) | (pie ? STATUS_SPIE : 0);
            struct outcome got = run_in(S, s_return, (u64)snippet_ecall, status);
            EQUAL(got.cause, ecall_from(mode));
            EQUAL(got.status & STATUS_SIE, pie ? STATUS_SIE : 0);
            EQUAL(got.status & STATUS_SPIE, STATUS_SPIE);
            EQUAL(got.status & STATUS_SPP, 0);
        }
    }
    return 0;
}

TEST(sret_ignores_mpp_and_mret_ignores_spp) {
    struct outcome got = run_in(M, return_by_sret, (u64)snippet_ecall, STATUS_MPP | STATUS_MPIE);
    EQUAL(got.cause, ECALL_U);
    got = run_in(M, return_by_mret, (u64)snippet_ecall, STATUS_SPP | STATUS_SPIE);
    EQUAL(got.cause, ECALL_U);
    EQUAL(got.status & (STATUS_SPP | STATUS_SPIE), STATUS_SPP | STATUS_SPIE);
    return 0;
}

TEST(mpp_never_holds_the_reserved_mode) {
    for (u64 before = 0; before < 4; before++) {
        if (before == 2) continue;
        csr_write(mstatus, STATUS_MPP_OF(before));
        csr_write(mstatus, STATUS_MPP_OF(2));
        CHECK((csr_read(mstatus) & STATUS_MPP) != STATUS_MPP_OF(2));
    }
    for (u64 mode = 0; mode < 4; mode++) {
        if (mode == 2) continue;
        csr_write(mstatus, STATUS_MPP_OF(mode));
        EQUAL(csr_read(mstatus) & STATUS_MPP, STATUS_MPP_OF(mode));
    }
    return 0;
}

TEST(sstatus_shows_only_its_fields) {
    u64 machine =
        STATUS_MIE | STATUS_MPIE | STATUS_MPP | STATUS_MPRV | STATUS_TVM | STATUS_TW | STATUS_TSR;
    csr_write(mstatus, machine & ~STATUS_MIE & ~STATUS_MPRV);
    EQUAL(csr_read(sstatus) & machine, 0);
    csr_write(mstatus, 0);
    csr_write(sstatus, ~0ull & ~STATUS_SIE);
    EQUAL(csr_read(mstatus) & machine, 0);
    EQUAL(csr_read(mstatus) & (STATUS_SUM | STATUS_MXR | STATUS_SPIE | STATUS_SPP),
          STATUS_SUM | STATUS_MXR | STATUS_SPIE | STATUS_SPP);
    csr_write(sstatus, 0);
    EQUAL(csr_read(mstatus) & (STATUS_SUM | STATUS_MXR | STATUS_SPIE | STATUS_SPP), 0);
    return 0;
}

TEST(uxl_and_sxl_say_64_bits) {
    EQUAL(csr_read(mstatus) >> 32 & 15, 10);
    EQUAL(csr_read(sstatus) >> 32 & 3, 2);
    return 0;
}

TEST(xepc_clears_bit_0_and_keeps_bit_1) {
    csr_write(mepc, 0x80000fff);
    EQUAL(csr_read(mepc), 0x80000ffe);
    csr_write(sepc, 0x80000fff);
    EQUAL(csr_read(sepc), 0x80000ffe);
    return 0;
}

TEST(xtvec_keeps_its_modes) {
    u64 old = csr_swap(mtvec, 0x80001000);
    EQUAL(csr_swap(mtvec, 0x80001001), 0x80001000);
    u64 vectored = csr_swap(mtvec, 0x80001002);
    u64 reserved = csr_swap(mtvec, old);
    EQUAL(vectored, 0x80001001);
    CHECK((reserved & 3) < 2);
    csr_write(stvec, 0x80002001);
    EQUAL(csr_read(stvec), 0x80002001);
    return 0;
}
