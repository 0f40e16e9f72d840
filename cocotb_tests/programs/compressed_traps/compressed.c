// Traps at 2-byte instructions and at odd halfwords, and the encodings that C reserves.
#include "../env/vm.h"

static u16 code[2048] __attribute__((aligned(4096)));

static struct outcome run_halfword(u16 word) {
    ((volatile u16*)code)[0] = word;
    ((volatile u16*)code)[1] = 0x0073;  // ecall
    ((volatile u16*)code)[2] = 0x0000;
    fence_i();
    return run_in(M, code, 0x123, 0x456);
}

TEST(c_ebreak_is_a_breakpoint) {
    struct outcome got = run_in(M, snippet_c_ebreak, 0, 0);
    TRAPS(got, M, BREAKPOINT, snippet_c_ebreak, snippet_c_ebreak);
    return 0;
}

TEST(a_halfword_of_zeros_is_illegal) {
    struct outcome got = run_in(M, snippet_c_illegal, 0, 0);
    TRAPS(got, M, ILLEGAL, snippet_c_illegal, 0);
    return 0;
}

TEST(reserved_encodings_are_illegal) {
    const u16 words[] = {
        0x0004,          // c.addi4spn with offset 0: x9
        0x2001,          // c.addiw to x0
        0x6101,          // c.addi16sp by 0
        0x6081,          // c.lui x1 by 0
        0x4002,          // c.lwsp to x0
        0x6002,          // c.ldsp to x0
        0x8002,          // c.jr x0
        0x9c41, 0x9c61,  // the two free ones beside c.subw and c.addw
        0x8000,          // quadrant 0, function 4
        0x2000, 0xa000,  // c.fld, c.fsd: no D
        0x2002, 0xa002,  // c.fldsp, c.fsdsp
    };
    for (u64 i = 0; i < sizeof words / sizeof *words; i++) {
        struct outcome got = run_halfword(words[i]);
        u64 line = __LINE__ | i << 16;
        if (got.cause != ILLEGAL) return mismatch(line, got.cause, words[i]);
        if (got.epc != (u64)code) return mismatch(line, got.epc, (u64)code);
        if (got.tval != 0 && got.tval != words[i]) return mismatch(line, got.tval, words[i]);
        if (got.a0 != 0x123 || got.a1 != 0x456) return mismatch(line, got.a0, got.a1);
    }
    return 0;
}

TEST(hints_do_nothing) {
    const u16 words[] = {
        0x0001,  // c.nop
        0x0009,  // c.nop 2
        0x4009,  // c.li x0, 2
        0x6009,  // c.lui x0, 2
        0x0502,  // c.slli a0, 0
        0x0002,  // c.slli x0, 0
        0x000a,  // c.slli x0, 2
        0x8101,  // c.srli a0, 0
        0x8501,  // c.srai a0, 0
        0x0501,  // c.addi a0, 0
        0x800a,  // c.mv x0, x2
        0x900a,  // c.add x0, x2
    };
    for (u64 i = 0; i < sizeof words / sizeof *words; i++) {
        struct outcome got = run_halfword(words[i]);
        u64 line = __LINE__ | i << 16;
        if (got.cause != ECALL_M) return mismatch(line, got.cause, words[i]);
        if (got.epc != (u64)code + 2) return mismatch(line, got.epc, words[i]);
        if (got.a0 != 0x123 || got.a1 != 0x456) return mismatch(line, got.a0, words[i]);
    }
    return 0;
}

TEST(epc_is_exact_at_every_halfword) {
    for (int at = 0; at < 40; at++) {
        for (int i = 0; i < at; i++) ((volatile u16*)code)[i] = 0x0001;
        u32 load = 0x00053503;  // ld a0, 0(a0)
        ((volatile u16*)code)[at] = load;
        ((volatile u16*)code)[at + 1] = load >> 16;
        fence_i();
        struct outcome got = run_in(M, code, 0x18000008, 0);
        TRAPS(got, M, LOAD_ACCESS, &code[at], 0x18000008);
    }
    return 0;
}

TEST(jumps_to_odd_halfwords_are_fine_in_every_mode) {
    ((volatile u16*)code)[1] = 0x0073;
    ((volatile u16*)code)[2] = 0x0000;
    fence_i();
    const enum mode modes[] = {U, S, M};
    for (int i = 0; i < 3; i++) {
        struct outcome got = run_in(modes[i], &code[1], 0, 0);
        TRAPS(got, M, ecall_from(modes[i]), &code[1], 0);
        got = run_in(modes[i], snippet_jump, (u64)&code[1] | 1, 0);  // jalr drops bit 0
        TRAPS(got, M, ecall_from(modes[i]), &code[1], 0);
    }
    return 0;
}

// An instruction whose second half is on a page that faults: epc is where it begins, tval the half
// that faulted.
static u64 straddle(u64 pte, u64 cause) {
    const u64 va = 0x20000000;
    vm_new();
    ((volatile u16*)code)[2047] = 0x0513;  // the first half of li a0, 0
    vm_map(va, (u64)code, CODE | PTE_U);
    vm_map(va + PAGE, pa_of(0), 0);
    *(volatile u64*)vm_pte(va + PAGE, 0) = pte;
    vm_on(0);
    sfence_all();
    fence_i();
    struct outcome got = vm_fetch(U, va + PAGE - 2);
    TRAPS(got, M, cause, va + PAGE - 2, va + PAGE);
    // the same with the first half missing
    *(volatile u64*)vm_pte(va, 0) = pte;
    sfence_all();
    got = vm_fetch(U, va + PAGE - 2);
    TRAPS(got, M, cause, va + PAGE - 2, va + PAGE - 2);
    return 0;
}

TEST(an_instruction_across_two_pages_faults_at_its_second_half) {
    PASS_ON(straddle(0, FETCH_PAGE));
    PASS_ON(straddle(pte_of(pa_of(0), DATA | PTE_U), FETCH_PAGE));
    PASS_ON(straddle(pte_of(0x18000000, CODE | PTE_U), FETCH_ACCESS));
    return 0;
}

TEST(an_instruction_across_two_pages_runs) {
    const u64 va = 0x20000000;
    vm_new();
    u32 load_immediate = 0x12300513;  // li a0, 0x123
    ((volatile u16*)code)[2047] = load_immediate;
    ((volatile u16*)test_page[3])[0] = load_immediate >> 16;
    ((volatile u16*)test_page[3])[1] = 0x0073;
    ((volatile u16*)test_page[3])[2] = 0;
    vm_map(va, (u64)code, CODE | PTE_U);
    vm_map(va + PAGE, pa_of(3), CODE | PTE_U);
    vm_on(0);
    sfence_all();
    fence_i();
    struct outcome got = vm_fetch(U, va + PAGE - 2);
    TRAPS(got, M, ECALL_U, va + PAGE + 2, 0);
    EQUAL(got.a0, 0x123);
    return 0;
}

// A 2-byte instruction at the end of a page does not need the next one.
TEST(a_short_instruction_at_the_end_of_a_page_does_not_touch_the_next) {
    const u64 va = 0x20000000;
    vm_new();
    ((volatile u16*)code)[2047] = 0x9002;  // c.ebreak
    vm_map(va, (u64)code, CODE | PTE_U);
    vm_map(va + PAGE, 0, 0);
    vm_on(0);
    sfence_all();
    fence_i();
    struct outcome got = vm_fetch(U, va + PAGE - 2);
    TRAPS(got, M, BREAKPOINT, va + PAGE - 2, va + PAGE - 2);
    return 0;
}

TEST(mret_to_an_odd_halfword) {
    ((volatile u16*)code)[3] = 0x9002;
    fence_i();
    struct outcome got = run_in(S, &code[3], 0, 0);
    TRAPS(got, M, BREAKPOINT, &code[3], &code[3]);
    return 0;
}
