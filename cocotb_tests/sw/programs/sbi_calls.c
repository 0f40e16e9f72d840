// What S-mode may expect of the firmware on three harts: HSM, IPI, RFENCE and TIME of the SBI
// specification 2.0. Without translation; the line of a check that fails is the run's code.
#include "sbi/sbi.h"

#include "kernel/riscv.h"

#define UL(x) x##UL
#define STACK_BYTES 4096
#define SIE_SSIE (1 << 1)
#define SIE_STIE (1 << 5)
#define WAITS 100000000

struct result {
    long error;
    u64 value;
};

static struct result call(u64 extension, u64 function, u64 arg0, u64 arg1, u64 arg2, u64 arg3,
                          u64 arg4) {
    register u64 a0 asm("a0") = arg0;
    register u64 a1 asm("a1") = arg1;
    register u64 a2 asm("a2") = arg2;
    register u64 a3 asm("a3") = arg3;
    register u64 a4 asm("a4") = arg4;
    register u64 a6 asm("a6") = function;
    register u64 a7 asm("a7") = extension;
    asm volatile("ecall"
                 : "+r"(a0), "+r"(a1)
                 : "r"(a2), "r"(a3), "r"(a4), "r"(a6), "r"(a7)
                 : "memory");
    return (struct result){a0, a1};
}

static void __attribute__((noreturn)) end(u32 code) {
    call(SBI_EXT_SRST, SBI_SRST_SYSTEM_RESET, SBI_SRST_TYPE_SHUTDOWN,
         code ? SBI_SRST_REASON_PLATFORM | code : SBI_SRST_REASON_NONE, 0, 0, 0);
    __builtin_unreachable();
}

#define check(condition)    \
    do {                    \
        if (!(condition)) { \
            end(__LINE__);  \
        }                   \
    } while (0)

#define wait_until(condition)  \
    do {                       \
        u64 left_ = WAITS;     \
        while (!(condition)) { \
            check(--left_);    \
        }                      \
    } while (0)

#define hsm(function, a, b, c) call(SBI_EXT_HSM, function, a, b, c, 0, 0)
#define rfence(function, mask, base, start, size, asid) \
    call(SBI_EXT_RFENCE, function, mask, base, start, size, asid)

static u8 stacks[4][STACK_BYTES] __attribute__((aligned(16), used));
static volatile u64 seen_hart[4], seen_argument[4], interrupts[4], order[4], resumed[4];

void __attribute__((noreturn)) hart_main(u64 hart, u64 argument);
void __attribute__((noreturn)) boot_main(void);

asm(".section .text.begin, \"ax\"\n"
    ".globl kernel_entry\n"
    "kernel_entry:\n"
    "    la sp, stacks + 4096\n"
    "    call boot_main\n"
    ".globl hart_entry\n"
    "hart_entry:\n"
    "    la sp, stacks + 4096\n"
    "    slli t0, a0, 12\n"
    "    add sp, sp, t0\n"
    "    call hart_main\n"
    ".text\n");
extern u8 hart_entry[];

// What hart 1 has in its I$ when hart 0 changes it.
static volatile u32 code[2] __attribute__((aligned(64))) = {0, 0x00008067};  // ret
static volatile u64 said[4];

// Takes orders: 1 waits for an interrupt, 2 fences hart 0 and 2 again and again, 3 stops,
// 4 suspends, 5 executes the code and keeps what it returns.
void hart_main(u64 hart, u64 argument) {
    seen_argument[hart] = argument;
    asm volatile("fence w, w" ::: "memory");
    seen_hart[hart] = hart;
    csr_write(sie, SIE_SSIE | SIE_STIE);
    for (;;) {
        switch (order[hart]) {
            case 1:
                asm volatile("wfi");
                break;
            case 2:
                rfence(SBI_RFENCE_SFENCE_VMA, ~(UL(1) << hart) & 7, 0, 0, 4096, 0);
                break;
            case 3:
                order[hart] = 0;
                hsm(SBI_HSM_HART_STOP, 0, 0, 0);
                end(__LINE__);
            case 4:
                order[hart] = 0;
                hsm(SBI_HSM_HART_SUSPEND, SBI_HSM_SUSPEND_RETENTIVE, 0, 0);
                resumed[hart] = 1;
                break;
            case 5:
                said[hart] = ((u64 (*)(void))code)();
                order[hart] = 0;
                break;
        }
        if (csr_read(sip) & SIE_SSIE) {
            csr_clear(sip, SIE_SSIE);
            interrupts[hart]++;
        }
    }
}

static void probe(void) {
    static const u64 there[] = {SBI_EXT_BASE, SBI_EXT_TIME, SBI_EXT_IPI,  SBI_EXT_RFENCE,
                                SBI_EXT_HSM,  SBI_EXT_SRST, SBI_EXT_DBCN, SBI_EXT_FWFT};
    for (u64 i = 0; i < sizeof(there) / sizeof(*there); i++) {
        check(call(SBI_EXT_BASE, SBI_BASE_PROBE_EXTENSION, there[i], 0, 0, 0, 0).value == 1);
    }
    check(call(SBI_EXT_BASE, SBI_BASE_PROBE_EXTENSION, 0x504d55, 0, 0, 0, 0).value == 0);
    check(hsm(99, 0, 0, 0).error == SBI_ERR_NOT_SUPPORTED);
    check(call(SBI_EXT_IPI, 1, 1, 0, 0, 0, 0).error == SBI_ERR_NOT_SUPPORTED);
    check(rfence(3, 1, 0, 0, 0, 0).error == SBI_ERR_NOT_SUPPORTED);
}

// Whoever runs this counts whether it was called.
static void __attribute__((noinline, used)) hardware_sets_ad_bits(void) { asm volatile(""); }

// A hart without Svadu says so, and then has it off.
static void features(void) {
    const u64 feature = SBI_FWFT_PTE_AD_HW_UPDATING;
    check(call(SBI_EXT_FWFT, SBI_FWFT_GET, feature, 0, 0, 0, 0).value == 0);
    long error = call(SBI_EXT_FWFT, SBI_FWFT_SET, feature, 1, 0, 0, 0).error;
    check(error == SBI_SUCCESS || error == SBI_ERR_NOT_SUPPORTED);
    if (error == SBI_SUCCESS) {
        hardware_sets_ad_bits();
    }
    check(call(SBI_EXT_FWFT, SBI_FWFT_GET, feature, 0, 0, 0, 0).value == (error == SBI_SUCCESS));
    check(call(SBI_EXT_FWFT, SBI_FWFT_SET, feature, 0, 0, 0, 0).error == SBI_SUCCESS);
    check(call(SBI_EXT_FWFT, SBI_FWFT_GET, feature, 0, 0, 0, 0).value == 0);
    check(call(SBI_EXT_FWFT, SBI_FWFT_SET, feature, 2, 0, 0, 0).error == SBI_ERR_INVALID_PARAM);
    check(call(SBI_EXT_FWFT, SBI_FWFT_SET, feature, 1, 2, 0, 0).error == SBI_ERR_INVALID_PARAM);
    check(call(SBI_EXT_FWFT, SBI_FWFT_GET, 5, 0, 0, 0, 0).error == SBI_ERR_NOT_SUPPORTED);
    check(call(SBI_EXT_FWFT, SBI_FWFT_GET, 6, 0, 0, 0, 0).error == SBI_ERR_DENIED);
    check(call(SBI_EXT_FWFT, 2, feature, 0, 0, 0, 0).error == SBI_ERR_NOT_SUPPORTED);
}

// A reset that is none, and a console's line that lies nowhere.
static void refusals(void) {
    u64 reset = SBI_SRST_SYSTEM_RESET;
    check(call(SBI_EXT_SRST, reset, SBI_SRST_TYPE_WARM_REBOOT, 0, 0, 0, 0).error ==
          SBI_ERR_NOT_SUPPORTED);
    check(call(SBI_EXT_SRST, reset, 3, 0, 0, 0, 0).error == SBI_ERR_INVALID_PARAM);
    check(call(SBI_EXT_SRST, reset, SBI_SRST_TYPE_SHUTDOWN, 2, 0, 0, 0).error ==
          SBI_ERR_INVALID_PARAM);
    check(call(SBI_EXT_DBCN, SBI_DBCN_CONSOLE_WRITE, 1, 0x1000, 0, 0, 0).error ==
          SBI_ERR_INVALID_PARAM);
    check(call(SBI_EXT_DBCN, SBI_DBCN_CONSOLE_WRITE, 1, (u64)stacks, 1, 0, 0).error ==
          SBI_ERR_INVALID_PARAM);
}

static void start_and_status(void) {
    check(hsm(SBI_HSM_HART_GET_STATUS, 0, 0, 0).value == SBI_HSM_STARTED);
    check(hsm(SBI_HSM_HART_GET_STATUS, 1, 0, 0).value == SBI_HSM_STOPPED);
    check(hsm(SBI_HSM_HART_GET_STATUS, 8, 0, 0).error == SBI_ERR_INVALID_PARAM);
    check(hsm(SBI_HSM_HART_START, 0, (u64)hart_entry, 0).error == SBI_ERR_ALREADY_AVAILABLE);
    check(hsm(SBI_HSM_HART_START, 1, 0x10, 0).error == SBI_ERR_INVALID_ADDRESS);
    check(hsm(SBI_HSM_HART_START, 1UL << 40, (u64)hart_entry, 0).error == SBI_ERR_INVALID_PARAM);
    for (u64 hart = 1; hart < 3; hart++) {
        check(hsm(SBI_HSM_HART_START, hart, (u64)hart_entry, 0x1234 + hart).error == SBI_SUCCESS);
        wait_until(seen_hart[hart] == hart);
        check(seen_argument[hart] == 0x1234 + hart);
        check(hsm(SBI_HSM_HART_GET_STATUS, hart, 0, 0).value == SBI_HSM_STARTED);
    }
}

static void send(void) {
    csr_write(sie, SIE_SSIE);
    check(call(SBI_EXT_IPI, SBI_IPI_SEND, 2, 0, 0, 0, 0).error == SBI_SUCCESS);
    wait_until(interrupts[1] == 1);
    check(call(SBI_EXT_IPI, SBI_IPI_SEND, 3, 1, 0, 0, 0).error == SBI_SUCCESS);  // harts 1 and 2
    wait_until(interrupts[1] == 2 && interrupts[2] == 1);
    check(!(csr_read(sip) & SIE_SSIE));
    check(call(SBI_EXT_IPI, SBI_IPI_SEND, 0, SBI_ALL_HARTS, 0, 0, 0).error == SBI_SUCCESS);
    wait_until(interrupts[1] == 3 && interrupts[2] == 2);
    wait_until(csr_read(sip) & SIE_SSIE);  // all, this one too
    csr_clear(sip, SIE_SSIE);
    check(call(SBI_EXT_IPI, SBI_IPI_SEND, 1, 8, 0, 0, 0).error == SBI_ERR_INVALID_PARAM);
    check(call(SBI_EXT_IPI, SBI_IPI_SEND, 1, 64, 0, 0, 0).error == SBI_ERR_INVALID_PARAM);
    check(call(SBI_EXT_IPI, SBI_IPI_SEND, UL(1) << 63, 2, 0, 0, 0).error == SBI_ERR_INVALID_PARAM);
    check(call(SBI_EXT_IPI, SBI_IPI_SEND, 0, 64, 0, 0, 0).error == SBI_SUCCESS);  // none
    // one that waits in WFI gets on.
    order[1] = 1;
    for (u64 count = 4; count < 10; count++) {
        call(SBI_EXT_IPI, SBI_IPI_SEND, 2, 0, 0, 0, 0);
        wait_until(interrupts[1] == count);
    }
}

static void fences(void) {
    check(rfence(SBI_RFENCE_FENCE_I, 6, 0, 0, 0, 0).error == SBI_SUCCESS);
    check(rfence(SBI_RFENCE_SFENCE_VMA, 6, 0, 0, 0, 0).error == SBI_SUCCESS);
    check(rfence(SBI_RFENCE_SFENCE_VMA, 7, 0, 0, ~UL(0), 0).error == SBI_SUCCESS);
    check(rfence(SBI_RFENCE_SFENCE_VMA_ASID, 0, SBI_ALL_HARTS, 4096, 8192, 5).error == SBI_SUCCESS);
    check(rfence(SBI_RFENCE_SFENCE_VMA, 8, 0, 0, 0, 0).error == SBI_ERR_INVALID_PARAM);
    for (u32 number = 1; number < 4; number++) {
        code[0] = 0x00000513 | number << 20;  // li a0, number
        check(rfence(SBI_RFENCE_FENCE_I, 2, 0, 0, 0, 0).error == SBI_SUCCESS);
        order[1] = 5;
        call(SBI_EXT_IPI, SBI_IPI_SEND, 2, 0, 0, 0, 0);  // it may be in WFI
        wait_until(!order[1]);
        check(said[1] == number);
    }
    order[1] = order[2] = 2;  // all three fence each other
    for (int i = 0; i < 20; i++) {
        check(rfence(SBI_RFENCE_SFENCE_VMA, 6, 0, 0, 4096, 0).error == SBI_SUCCESS);
    }
    order[1] = order[2] = 0;
}

static void stop_and_suspend(void) {
    u64 before = interrupts[1];
    order[1] = 4;
    wait_until(hsm(SBI_HSM_HART_GET_STATUS, 1, 0, 0).value == SBI_HSM_SUSPENDED);
    check(rfence(SBI_RFENCE_SFENCE_VMA, 2, 0, 0, 0, 0).error == SBI_SUCCESS);
    call(SBI_EXT_IPI, SBI_IPI_SEND, 2, 0, 0, 0, 0);
    wait_until(resumed[1] && interrupts[1] > before);
    check(hsm(SBI_HSM_HART_SUSPEND, UL(0x80000000), 0, 0).error == SBI_ERR_INVALID_PARAM);

    order[1] = 3;
    wait_until(hsm(SBI_HSM_HART_GET_STATUS, 1, 0, 0).value == SBI_HSM_STOPPED);
    // nothing waits for a hart that does not run.
    check(rfence(SBI_RFENCE_SFENCE_VMA, 2, 0, 0, 0, 0).error == SBI_SUCCESS);
    seen_hart[1] = 0;
    check(hsm(SBI_HSM_HART_START, 1, (u64)hart_entry, 77).error == SBI_SUCCESS);
    wait_until(seen_hart[1] == 1);
    check(seen_argument[1] == 77);
}

static void timer(void) {
    check(!(csr_read(sip) & SIE_STIE));
    call(SBI_EXT_TIME, SBI_TIME_SET_TIMER, csr_read(time) + 100, 0, 0, 0, 0);
    wait_until(csr_read(sip) & SIE_STIE);
    call(SBI_EXT_TIME, SBI_TIME_SET_TIMER, ~UL(0), 0, 0, 0, 0);
    check(!(csr_read(sip) & SIE_STIE));
}

void boot_main(void) {
    csr_write(sie, 0);
    probe();
    features();
    refusals();
    start_and_status();
    send();
    fences();
    stop_and_suspend();
    timer();
    end(0);
}
