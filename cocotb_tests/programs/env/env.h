// The environment of the directed programs: tests are functions, run one after the other by
// runner.c in one image, in M-mode, without a reset in between.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;

enum mode { U = 0, S = 1, M = 3 };

enum cause {
    FETCH_MISALIGNED = 0,
    FETCH_ACCESS = 1,
    ILLEGAL = 2,
    BREAKPOINT = 3,
    LOAD_MISALIGNED = 4,
    LOAD_ACCESS = 5,
    STORE_MISALIGNED = 6,
    STORE_ACCESS = 7,
    ECALL_U = 8,
    ECALL_S = 9,
    ECALL_M = 11,
    FETCH_PAGE = 12,
    LOAD_PAGE = 13,
    STORE_PAGE = 15,
};

#define INTERRUPT (1ull << 63)
#define IRQ_SSI 1
#define IRQ_MSI 3
#define IRQ_STI 5
#define IRQ_MTI 7
#define IRQ_SEI 9
#define IRQ_MEI 11

#define BIT(n) (1ull << (n))

#define STATUS_SIE BIT(1)
#define STATUS_MIE BIT(3)
#define STATUS_SPIE BIT(5)
#define STATUS_MPIE BIT(7)
#define STATUS_SPP BIT(8)
#define STATUS_MPP (3ull << 11)
#define STATUS_MPP_OF(mode) ((u64)(mode) << 11)
#define STATUS_MPRV BIT(17)
#define STATUS_SUM BIT(18)
#define STATUS_MXR BIT(19)
#define STATUS_TVM BIT(20)
#define STATUS_TW BIT(21)
#define STATUS_TSR BIT(22)

#define csr_read(csr)                                  \
    ({                                                 \
        u64 value_;                                    \
        asm volatile("csrr %0, " #csr : "=r"(value_)); \
        value_;                                        \
    })
#define csr_write(csr, value) asm volatile("csrw " #csr ", %0" ::"rK"((u64)(value)) : "memory")
#define csr_set(csr, bits) asm volatile("csrs " #csr ", %0" ::"rK"((u64)(bits)) : "memory")
#define csr_clear(csr, bits) asm volatile("csrc " #csr ", %0" ::"rK"((u64)(bits)) : "memory")
#define csr_swap(csr, value)                                                                 \
    ({                                                                                       \
        u64 old_;                                                                            \
        asm volatile("csrrw %0, " #csr ", %1" : "=r"(old_) : "rK"((u64)(value)) : "memory"); \
        old_;                                                                                \
    })

static inline void sfence_all(void) { asm volatile("sfence.vma" ::: "memory"); }
static inline void sfence_va(u64 va) { asm volatile("sfence.vma %0" ::"r"(va) : "memory"); }
static inline void sfence_asid(u64 asid) {
    asm volatile("sfence.vma zero, %0" ::"r"(asid) : "memory");
}
static inline void sfence_va_asid(u64 va, u64 asid) {
    asm volatile("sfence.vma %0, %1" ::"r"(va), "r"(asid) : "memory");
}
static inline void fence_i(void) { asm volatile("fence.i" ::: "memory"); }

static inline u64 load64(u64 address) { return *(volatile u64*)address; }
static inline void store64(u64 address, u64 value) { *(volatile u64*)address = value; }
static inline u32 load32(u64 address) { return *(volatile u32*)address; }
static inline void store32(u64 address, u32 value) { *(volatile u32*)address = value; }

// --- tests ------------------------------------------------------------------------------------

struct test {
    const char* name;
    u64 (*run)(void);  // 0, or SKIP, or the line or the case that went wrong
};

#define SKIP (~0ull)

#define TEST(name)                                                      \
    static u64 test_##name(void);                                       \
    static const struct test entry_##name                               \
        __attribute__((section("tests"), used)) = {#name, test_##name}; \
    static u64 test_##name(void)

u64 mismatch(u64 line, u64 got, u64 want);

#define CHECK(condition)                   \
    do {                                   \
        if (!(condition)) return __LINE__; \
    } while (0)
#define EQUAL(got, want)                                           \
    do {                                                           \
        u64 got_ = (u64)(got), want_ = (u64)(want);                \
        if (got_ != want_) return mismatch(__LINE__, got_, want_); \
    } while (0)
#define PASS_ON(call)            \
    do {                         \
        u64 line_ = (call);      \
        if (line_) return line_; \
    } while (0)

// --- running a piece of code in a mode, and what it ended with ----------------------------------

struct entry {
    u64 mode;   // MPP
    u64 pc;     // virtual in S- and U-mode
    u64 a[4];   // a0 to a3
    u64 mtvec;  // 0: m_catch
};

// The trap that ended the piece of code. `mode` is the mode whose handler was entered: where that
// is S, epc, cause and tval are those of the S-mode CSRs. `status` is mstatus in the handler.
struct outcome {
    u64 mode, cause, epc, tval, status, a0, a1, vector;
};

// Runs until the first trap. Caller in M-mode.
struct outcome* enter(struct outcome* outcome, const struct entry* entry);

extern char m_catch[], s_catch[];
// where a vectored mtvec has to point: slot n stores n in outcome.vector
extern char m_vectors[], s_vectors[];

struct outcome run_in(enum mode mode, const void* code, u64 a0, u64 a1);
struct outcome run_at(enum mode mode, u64 pc, u64 a0, u64 a1);

// The trap is as expected in every field that a handler can look at.
u64 expect_trap(u64 line, const struct outcome* outcome, u64 mode, u64 cause, u64 epc, u64 tval);
#define TRAPS(outcome, mode, cause, epc, tval) \
    PASS_ON(expect_trap(__LINE__, &(outcome), (mode), (cause), (u64)(epc), (u64)(tval)))

static inline u64 ecall_from(enum mode mode) { return ECALL_U + (u64)mode; }

// --- pieces of code: each ends with ecall, has its instruction under test at its first address ---

extern char snippets[], snippets_end[];
extern char snippet_lb[], snippet_lh[], snippet_lw[], snippet_ld[];
extern char snippet_sb[], snippet_sh[], snippet_sw[], snippet_sd[];
extern char snippet_lr[], snippet_sc[], snippet_lr_sc[], snippet_amo[], snippet_amo_w[];
extern char snippet_jump[], snippet_ecall[], snippet_ebreak[], snippet_c_ebreak[];
extern char snippet_wfi[], snippet_sret[], snippet_mret[], snippet_sfence[], snippet_read_satp[];
extern char snippet_write_satp[], snippet_unimp[], snippet_c_illegal[], snippet_sum_ld[];
extern char snippet_mprv_ld[], snippet_mprv_sd[], snippet_spin[];

// --- devices ------------------------------------------------------------------------------------

#define FINISHER 0x100000ull
#define MSIP 0x2000000ull
#define MTIMECMP 0x2004000ull
#define MTIME 0x200bff8ull
#define UART 0x10000000ull

void put_string(const char* text);
void put_number(u64 value);

// --- what machine this is -----------------------------------------------------------------------

bool on_spike(void);
bool on_qemu(void);
// a bit of a CSR that software may or may not be able to set
bool has_svadu(void);
// what xtval holds after an illegal instruction: its bits, or always zero
u64 illegal_tval(const char* code);
u64 asid_mask(void);
