// Instructions that a mode may not execute, or only while M-mode lets it.
#include "../env/env.h"

static u64 illegal_in(enum mode mode, const char* snippet) {
    u64 tval = illegal_tval(snippet);
    struct outcome got = run_in(mode, snippet, 0, 0);
    return expect_trap(mode, &got, M, ILLEGAL, (u64)snippet, tval);
}

static u64 fine_in(enum mode mode, const char* snippet) {
    struct outcome got = run_in(mode, snippet, 0, 0);
    return expect_trap(mode, &got, M, ecall_from(mode), (u64)snippet + 4, 0);
}

TEST(u_mode_may_not_execute_privileged_instructions) {
    const char* snippets[] = {snippet_sret,      snippet_mret,       snippet_sfence,
                              snippet_read_satp, snippet_write_satp, snippet_wfi};
    for (u64 i = 0; i < sizeof snippets / sizeof *snippets; i++) {
        if (illegal_in(U, snippets[i])) return __LINE__ | i << 16;
    }
    return 0;
}

TEST(s_mode_may_not_execute_mret) {
    PASS_ON(illegal_in(S, snippet_mret));
    return 0;
}

TEST(tvm_traps_satp_and_sfence_in_s_mode) {
    PASS_ON(fine_in(S, snippet_sfence));
    PASS_ON(fine_in(S, snippet_read_satp));
    PASS_ON(fine_in(S, snippet_write_satp));
    csr_set(mstatus, STATUS_TVM);
    PASS_ON(illegal_in(S, snippet_sfence));
    PASS_ON(illegal_in(S, snippet_read_satp));
    PASS_ON(illegal_in(S, snippet_write_satp));
    PASS_ON(fine_in(M, snippet_sfence));
    PASS_ON(fine_in(M, snippet_read_satp));
    return 0;
}

TEST(tvm_keeps_satp_from_being_changed) {
    csr_write(satp, 0x1234);
    csr_set(mstatus, STATUS_TVM);
    u64 before = csr_read(satp);
    struct outcome got = run_in(S, snippet_write_satp, 0x4321, 0);
    EQUAL(got.cause, ILLEGAL);
    EQUAL(csr_read(satp), before);
    return 0;
}

TEST(tsr_traps_sret_in_s_mode) {
    csr_set(mstatus, STATUS_TSR);
    PASS_ON(illegal_in(S, snippet_sret));
    csr_write(sepc, (u64)snippet_ecall);
    csr_set(mstatus, STATUS_SPP);
    struct outcome got = run_in(M, snippet_sret, 0, 0);
    TRAPS(got, M, ECALL_S, snippet_ecall, 0);
    csr_clear(mstatus, STATUS_TSR);
    csr_clear(mstatus, STATUS_SPP);
    got = run_in(S, snippet_sret, 0, 0);
    TRAPS(got, M, ECALL_U, snippet_ecall, 0);
    return 0;
}

TEST(tw_traps_wfi_in_s_mode) {
    csr_write(mie, BIT(IRQ_SSI));  // something that ends the wait
    csr_write(mideleg, BIT(IRQ_SSI));
    csr_write(mip, BIT(IRQ_SSI));
    PASS_ON(fine_in(S, snippet_wfi));
    csr_set(mstatus, STATUS_TW);
    csr_write(mip, 0);
    PASS_ON(illegal_in(S, snippet_wfi));
    csr_write(mie, BIT(IRQ_STI));
    csr_write(mip, BIT(IRQ_STI));
    csr_clear(mstatus, STATUS_MPIE);  // in M-mode it waits, with interrupts off
    PASS_ON(fine_in(M, snippet_wfi));
    return 0;
}

// An illegal instruction has no effect on its destination, nor on a CSR.
asm("    .text\n"
    "    .balign 4\n"
    "csr_reader:\n"  // patched below: csrrw a0, CSR, a1
    "    .word 0\n"
    "    ecall\n");
extern u32 csr_reader[];

enum access { READ = 0, WRITE, SET, CLEAR };

static struct outcome access_csr(enum mode mode, u64 csr, enum access access) {
    const u32 function[] = {2, 1, 2, 3};   // csrrs a0, csr, x0 reads only
    u32 source = access == READ ? 0 : 11;  // a1
    *(volatile u32*)csr_reader = csr << 20 | source << 15 | function[access] << 12 | 10 << 7 | 0x73;
    fence_i();
    return run_in(mode, csr_reader, 0x5a5a, 0);
}

#define EXISTING_CSRS                                                                              \
    0x100, 0x104, 0x105, 0x106, 0x10a, 0x140, 0x141, 0x142, 0x143, 0x144, 0x180, 0x300, 0x301,     \
        0x302, 0x303, 0x304, 0x305, 0x306, 0x30a, 0x320, 0x340, 0x341, 0x342, 0x343, 0x344, 0xb00, \
        0xb02, 0xb03, 0xb1f, 0x323, 0x33f, 0xf11, 0xf12, 0xf13, 0xf14, 0xf15

TEST(a_csr_is_accessible_from_its_lowest_mode_up) {
    const u16 csrs[] = {EXISTING_CSRS};
    for (u64 i = 0; i < sizeof csrs / sizeof *csrs; i++) {
        u64 csr = csrs[i];
        for (u64 mode = U; mode <= M; mode++) {
            if (mode == 2) continue;
            struct outcome got = access_csr(mode, csr, READ);
            u64 line = __LINE__ | csr << 16 | mode << 28;
            if (mode >= (csr >> 8 & 3)) {
                if (got.cause != ecall_from(mode)) return mismatch(line, got.cause, got.epc);
            } else {
                if (got.cause != ILLEGAL) return mismatch(line, got.cause, got.epc);
                if (got.a0 != 0x5a5a) return mismatch(line, got.a0, 0x5a5a);
            }
        }
    }
    return 0;
}

TEST(read_only_csrs_cannot_be_written) {
    const u16 csrs[] = {0xf11, 0xf12, 0xf13, 0xf14, 0xf15, 0xc00, 0xc01, 0xc02, 0xc03, 0xc1f};
    for (u64 i = 0; i < sizeof csrs / sizeof *csrs; i++) {
        for (enum access access = READ; access <= CLEAR; access++) {
            struct outcome got = access_csr(M, csrs[i], access);
            u64 line = __LINE__ | (u64)csrs[i] << 16 | access << 28;
            u64 want = access == READ ? ECALL_M : ILLEGAL;
            if (got.cause != want) return mismatch(line, got.cause, want);
        }
    }
    return 0;
}

TEST(csrs_that_do_not_exist_are_illegal) {
    const u16 csrs[] = {0x000, 0x001, 0x002, 0x003, 0x200, 0x240, 0x280, 0x600, 0x604, 0x7b0,
                        0x7c0, 0x800, 0x9ff, 0xbff, 0xb01, 0xcff, 0xfff, 0x3ff, 0x4ff};
    for (u64 i = 0; i < sizeof csrs / sizeof *csrs; i++) {
        struct outcome got = access_csr(M, csrs[i], READ);
        u64 line = __LINE__ | (u64)csrs[i] << 16;
        if (got.cause != ILLEGAL) return mismatch(line, got.cause, ILLEGAL);
        if (got.a0 != 0x5a5a) return mismatch(line, got.a0, 0x5a5a);
    }
    return 0;
}

TEST(undefined_instruction_words_are_illegal) {
    const u32 words[] = {
        0xffffffff,
        0x0000007f,
        0x0000000b,
        0x0000002b,
        0x0000005b,
        0x0000007b,
        0x00007003,               // load of width 7
        0x00004023,               // store of width 4
        0x00002063,               // branch of function 2
        0x00001067,               // jalr of function 1
        0x02001013 | 1 << 30,     // slli with bits above the shift
        0x40001033,               // sll with the bit of sub
        0x80000033,               // add with an unknown upper function
        0x0200101b,               // slliw by 32
        0x0200003b | 1 << 12,     // mulw's group, function 1
        0x00002073 + 0x00002000,  // system function 4
        0x10200073 | 1 << 7,      // sret with rd
        0x00100073 | 1 << 15,     // ebreak with rs1
        0x00000053,               // fadd.s: no F
        0x00002007,               // flw
        0x0000102f,               // AMO of width 1
        0x1010202f | 1 << 20,     // lr.w with rs2
        0xf800202f,               // AMO of an unknown function
    };
    for (u64 i = 0; i < sizeof words / sizeof *words; i++) {
        *(volatile u32*)csr_reader = words[i];
        fence_i();
        u64 tval = illegal_tval((const char*)csr_reader);
        struct outcome got = run_in(M, csr_reader, (u64)csr_reader, 0);
        PASS_ON(expect_trap(__LINE__ | i << 16, &got, M, ILLEGAL, (u64)csr_reader, tval));
    }
    return 0;
}
