// Which privilege and which of SUM, MXR and MPRV an access is made with: those of its own moment.
#include "../env/vm.h"

#define VA_U 0x20000000ull
#define VA_S 0x20001000ull
#define VA_X 0x20002000ull

static void setup(void) {
    vm_new();
    vm_map(VA_U, pa_of(0), DATA | PTE_U);
    vm_map(VA_S, pa_of(1), DATA);
    vm_map(VA_X, pa_of(2), PTE_V | PTE_X | PTE_AD);
    vm_on(0);
    sfence_all();
}

TEST(u_mode_reaches_u_pages_only) {
    setup();
    struct outcome got = vm_load(U, VA_U);
    EQUAL(got.a0, mark_of(0));
    got = vm_load(U, VA_S);
    TRAPS(got, M, LOAD_PAGE, code_at(U, snippet_ld), VA_S);
    got = vm_fetch(U, SUPERVISOR_CODE);
    TRAPS(got, M, FETCH_PAGE, SUPERVISOR_CODE, SUPERVISOR_CODE);
    return 0;
}

TEST(s_mode_reaches_u_pages_with_sum_only) {
    setup();
    struct outcome got = vm_load(S, VA_U);
    TRAPS(got, M, LOAD_PAGE, code_at(S, snippet_ld), VA_U);
    csr_set(mstatus, STATUS_SUM);
    got = vm_load(S, VA_U);
    CHECK(went_well(&got, S));
    EQUAL(got.a0, mark_of(0));
    got = vm_fetch(S, USER_CODE);  // never executes from them
    TRAPS(got, M, FETCH_PAGE, USER_CODE, USER_CODE);
    csr_clear(mstatus, STATUS_SUM);
    got = vm_store(S, VA_U, 1);
    TRAPS(got, M, STORE_PAGE, code_at(S, snippet_sd), VA_U);
    return 0;
}

TEST(sum_set_by_the_instruction_before_counts) {
    setup();
    for (int i = 0; i < 4; i++) {
        struct outcome got = vm_load(S, VA_U);  // the TLB has the page, and refuses
        EQUAL(got.cause, LOAD_PAGE);
        got = vm_run(S, snippet_sum_ld, VA_U, 0);
        CHECK(went_well(&got, S));
        EQUAL(got.a0, mark_of(0));
        csr_clear(mstatus, STATUS_SUM);
    }
    return 0;
}

TEST(mxr_makes_executable_pages_readable) {
    setup();
    struct outcome got = vm_load(S, VA_X);
    TRAPS(got, M, LOAD_PAGE, code_at(S, snippet_ld), VA_X);
    csr_set(mstatus, STATUS_MXR);
    got = vm_load(S, VA_X);
    CHECK(went_well(&got, S));
    EQUAL(got.a0, mark_of(2));
    got = vm_store(S, VA_X, 1);
    TRAPS(got, M, STORE_PAGE, code_at(S, snippet_sd), VA_X);
    return 0;
}

TEST(mprv_makes_m_mode_access_as_mpp_says) {
    setup();
    struct outcome got = run_in(M, snippet_mprv_ld, VA_S, STATUS_MPRV | STATUS_MPP_OF(S));
    CHECK(went_well(&got, M));
    EQUAL(got.a0, mark_of(1));
    got = run_in(M, snippet_mprv_ld, VA_U, STATUS_MPRV | STATUS_MPP_OF(S));
    TRAPS(got, M, LOAD_PAGE, (u64)snippet_mprv_ld + 4, VA_U);
    got = run_in(M, snippet_mprv_ld, VA_U, STATUS_MPRV | STATUS_SUM | STATUS_MPP_OF(S));
    CHECK(went_well(&got, M));
    EQUAL(got.a0, mark_of(0));
    got = run_in(M, snippet_mprv_ld, VA_U, STATUS_MPRV);
    CHECK(went_well(&got, M));
    EQUAL(got.a0, mark_of(0));
    got = run_in(M, snippet_mprv_ld, VA_S, STATUS_MPRV);
    TRAPS(got, M, LOAD_PAGE, (u64)snippet_mprv_ld + 4, VA_S);
    got = run_in(M, snippet_mprv_ld, VA_X, STATUS_MPRV | STATUS_MXR | STATUS_MPP_OF(S));
    CHECK(went_well(&got, M));
    EQUAL(got.a0, mark_of(2));
    got = run_in(M, snippet_mprv_ld, pa_of(3), STATUS_MPRV | STATUS_MPP_OF(M));
    CHECK(went_well(&got, M));
    EQUAL(got.a0, mark_of(3));
    return 0;
}

TEST(mprv_does_not_change_fetch) {
    // With MPRV the code itself, at its physical address, goes on: all of the above ran so. Here
    // the page that it runs from is not executable for anyone.
    setup();
    *(volatile u64*)vm_pte(0x80000000, 2) &= ~PTE_X;
    sfence_all();
    struct outcome got = run_in(M, snippet_mprv_ld, VA_S, STATUS_MPRV | STATUS_MPP_OF(S));
    CHECK(went_well(&got, M));
    return 0;
}

TEST(an_m_mode_trap_under_mprv_reports_the_virtual_address) {
    setup();
    struct outcome got = run_in(M, snippet_mprv_ld, 0x2000500008, STATUS_MPRV | STATUS_MPP_OF(S));
    TRAPS(got, M, LOAD_PAGE, (u64)snippet_mprv_ld + 4, 0x2000500008);
    u64 status = STATUS_MPRV | STATUS_MPP_OF(S);
    got = run_in(M, snippet_mprv_sd, 0x2000500010, status);
    TRAPS(got, M, STORE_PAGE, (u64)snippet_mprv_sd + 4, 0x2000500010);
    return 0;
}
