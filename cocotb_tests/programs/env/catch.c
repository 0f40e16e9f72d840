// Convenience around enter().
#include "env.h"

struct outcome run_at(enum mode mode, u64 pc, u64 a0, u64 a1) {
    struct outcome outcome;
    struct entry entry = {.mode = mode, .pc = pc, .a = {a0, a1}};
    enter(&outcome, &entry);
    return outcome;
}

struct outcome run_in(enum mode mode, const void* code, u64 a0, u64 a1) {
    return run_at(mode, (u64)code, a0, a1);
}

u64 expect_trap(u64 line, const struct outcome* outcome, u64 mode, u64 cause, u64 epc, u64 tval) {
    if (outcome->cause != cause) return mismatch(line, outcome->cause, cause);
    if (outcome->mode != mode) return mismatch(line, outcome->mode, mode);
    if (outcome->epc != epc) return mismatch(line, outcome->epc, epc);
    if (outcome->tval != tval) return mismatch(line, outcome->tval, tval);
    return 0;
}

bool has_svadu(void) {
    csr_set(menvcfg, BIT(61));
    bool set = csr_read(menvcfg) & BIT(61);
    csr_clear(menvcfg, BIT(61));
    return set;
}

u64 illegal_tval(const char* code) {
    u64 delegated = csr_swap(medeleg, 0), interrupts = csr_swap(mie, 0);
    bool bits = run_in(M, snippet_unimp, 0, 0).tval != 0;
    csr_write(medeleg, delegated);
    csr_write(mie, interrupts);
    return bits ? load32((u64)code) : 0;
}

u64 asid_mask(void) {
    u64 old = csr_swap(satp, 8ull << 60 | 0xffffull << 44);
    u64 mask = csr_swap(satp, old) >> 44 & 0xffff;
    return mask;
}

// The compiler may call these.
void* memset(void* to, int byte, size_t size) {
    for (size_t i = 0; i < size; i++) ((volatile u8*)to)[i] = byte;
    return to;
}

void* memcpy(void* to, const void* from, size_t size) {
    for (size_t i = 0; i < size; i++) ((volatile u8*)to)[i] = ((const u8*)from)[i];
    return to;
}
