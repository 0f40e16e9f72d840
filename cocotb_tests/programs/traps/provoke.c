#include "provoke.h"

#define UNMAPPED 0x20000000ull
#define TO_HOLE 0x20001000ull
#define TO_DATA 0x20002000ull
#define FOR_USER 0x10000ull

void provoke_setup(void) {
    vm_new();
    vm_map(TO_HOLE, HOLE, CODE | PTE_W);
    vm_map(TO_HOLE + FOR_USER, HOLE, CODE | PTE_W | PTE_U);
    vm_map(TO_DATA, pa_of(0), DATA);
    vm_map(TO_DATA + FOR_USER, pa_of(0), DATA | PTE_U);
    vm_on(0);
    sfence_all();
}

bool provocation_of(enum mode mode, u64 cause, struct provocation* how) {
    u64 apart = mode == U ? FOR_USER : 0;
    u64 hole = mode == M ? HOLE : TO_HOLE + apart;
    u64 data = mode == M ? pa_of(0) : TO_DATA + apart;
    const char* snippet;
    u64 address = 0;
    bool fetch = false, tval_is_address = true;
    switch (cause) {
        case FETCH_ACCESS:
            snippet = snippet_jump, address = hole + 0x10, fetch = true;
            break;
        case ILLEGAL:
            snippet = snippet_unimp, tval_is_address = false;
            break;
        case BREAKPOINT:
            snippet = snippet_ebreak, tval_is_address = false;
            break;
        case LOAD_MISALIGNED:
            snippet = snippet_ld, address = data + 1;
            break;
        case LOAD_ACCESS:
            snippet = snippet_ld, address = hole + 0x18;
            break;
        case STORE_MISALIGNED:
            snippet = snippet_sw, address = data + 2;
            break;
        case STORE_ACCESS:
            snippet = snippet_sd, address = hole + 0x20;
            break;
        case FETCH_PAGE:
            snippet = snippet_jump, address = UNMAPPED + 0x10, fetch = true;
            break;
        case LOAD_PAGE:
            snippet = snippet_lw, address = UNMAPPED + 0x14;
            break;
        case STORE_PAGE:
            snippet = snippet_amo, address = UNMAPPED + 0x18;
            break;
        default:
            if (cause != ecall_from(mode)) return false;
            snippet = snippet_ecall, tval_is_address = false;
    }
    if (mode == M && cause >= FETCH_PAGE) return false;
    how->cause = cause;
    how->code = mode == M ? (u64)snippet : code_at(mode, snippet);
    how->a0 = address;
    how->epc = fetch ? address : how->code;
    how->tval = tval_is_address       ? address
                : cause == ILLEGAL    ? illegal_tval(snippet)
                : cause == BREAKPOINT ? how->code
                                      : 0;
    return true;
}
