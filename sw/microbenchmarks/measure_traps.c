#include "address_space.h"

u64 time_sbi_call(void);
struct pair time_software_interrupt(void);
void time_page_fault(u64, u64*, u64, u64, u64*);
void handle_page_fault(void), handle_page_fault_without_fence(void);
void handle_software_interrupt(void), handle_ecall(void), handle_ecall_with_times(void);
void handle_with_frame(void), enter_user(u64, u64, u64);
extern u8 user_ecall[], user_ecall_with_times[], user_ecall_with_frame[], user_page_fault[];

enum { FAULT_PAGE = 130, USER_FAULT_WARM_UP = 20 };

static void fault(void (*prepare)(u64, u64*)) {
    u64 *pte = &page_ptes[FAULT_PAGE], word = page_word(FAULT_PAGE);
    EACH_ROUND {
        u64 times[5];
        *pte = 0;
        prepare(word, pte);
        time_page_fault(word, pte, pte_of(data_pages[FAULT_PAGE], PTE_DATA), 0, times);
        for (int column = 0; column < COLUMNS; column++) keep(column, round, times[column]);
    }
}

static void warm(u64 word, u64* pte) {
    (void)pte;
    fence_va(word);
    load(data_word(FAULT_PAGE));
}

static void walk_cache_cold(u64 word, u64* pte) {
    (void)word, (void)pte;
    fence_all();
    load(data_word(FAULT_PAGE));
    load(self_pointer());
}

static void lines_cold(u64 word, u64* pte) {
    fence_va(word);
    evict((u64)pte);
    evict(word);
}

void page_faults(void) {
    set_trap_handler(handle_page_fault);
    fault(warm);
    report("pf-total-min-handler-sd-pte-csrr-stval-sfence-va-sret", 0, 1);
    fault(walk_cache_cold);
    report("pf-total-after-sfence-all-pte-cold", 0, 1);
    report("pf-total-after-sfence-all-pte-cold-ld-handler", 1, 1);
    report("pf-total-after-sfence-all-pte-cold-handler", 2, 1);
    fault(lines_cold);
    report("pf-total-leaf-pte-line-data-line-cold", 0, 1);
    report("pf-total-leaf-pte-line-data-line-cold-ld-handler", 1, 1);
    report("pf-total-leaf-pte-line-data-line-cold-handler", 2, 1);
    report("pf-total-leaf-pte-line-data-line-cold-sret-retry", 3, 1);

    set_trap_handler(handle_page_fault_without_fence);
    EACH_ROUND {
        u64 times[5], word = page_word(FAULT_PAGE), *pte = &page_ptes[FAULT_PAGE];
        *pte = 0;
        warm(word, pte);
        time_page_fault(word, pte, pte_of(data_pages[FAULT_PAGE], PTE_DATA), 0, times);
        keep(0, round, times[4]);
    }
    report("pf-handler-without-sfence-until-8th-fault-total-number-of-faults-taken", 0, 1);
    set_trap_handler(unexpected_trap);
}

/* the task that the handler with a full frame switches to, and its stack */
static struct {
    u64 unused, kernel_sp, user_sp;
} task;
static u64 kernel_stack[512] __attribute__((aligned(4096)));

static u64 handler_times[256];
static unsigned handler_count, pages_mapped;
static int zero_pages;

static u64 now(void) {
    u64 cycles;
    asm volatile("rdcycle %0" : "=r"(cycles));
    return cycles;
}

/* called by handle_with_frame, with the frame; a7 not zero leaves user mode */
void system_call(u64* frame) {
    if (frame[17]) asm volatile("j user_exit");
    handler_times[handler_count++ % 256] = now();
    frame[0] += 4;
}

void page_fault(u64* frame) {
    const u64 start = now(), address = frame[33];
    u64 satp;
    asm volatile("csrr %0, satp" : "=r"(satp));
    u64* table = (u64*)(satp << 20 >> 8);
    for (int level = 2; level > 0; level--) {
        const u64 pte = table[address >> (12 + 9 * level) & 511];
        if (!(pte & PTE_V)) unexpected_trap();
        table = (u64*)(pte >> 10 << 12);
    }
    u64* page = (u64*)data_pages[pages_mapped++ % 128];
    if (zero_pages) {
        for (u64* word = page; word < page + PAGE / 8; word += 8) {
            word[0] = word[1] = word[2] = word[3] = 0;
            word[4] = word[5] = word[6] = word[7] = 0;
        }
    }
    table[address >> 12 & 511] = pte_of(page, PTE_DATA | PTE_U);
    fence_va(address);
    handler_times[handler_count++ % 256] = start;
}

static void with_frame(void) {
    task.kernel_sp = (u64)(kernel_stack + 512);
    asm volatile("csrw sscratch, %0" ::"r"(&task));
    set_trap_handler(handle_with_frame);
}

/* from the user's times of each round and the handler's */
static void keep_frames(unsigned warm_up) {
    for (int round = 0; round < SAMPLES; round++) {
        const u64 before = user_buffer[(warm_up + round) * 2];
        const u64 after = user_buffer[(warm_up + round) * 2 + 1];
        keep(0, round, after - before);
        keep(1, round, after - handler_times[(warm_up + round) % 256]);
    }
}

static void user_calls(void) {
    set_trap_handler(handle_ecall);
    enter_user(user_address(user_ecall), USER_BUFFER, ROUNDS);
    for (int round = 0; round < SAMPLES; round++) keep(0, round, user_buffer[WARM_UP + round]);
    report("u-s-u-null-ecall-min-handler-5-insns-total", 0, 1);

    set_trap_handler(handle_ecall_with_times);
    enter_user(user_address(user_ecall_with_times), USER_BUFFER, ROUNDS);
    for (int round = 0; round < SAMPLES; round++) {
        const u64* times = &user_buffer[(WARM_UP + round) * COLUMNS];
        for (int column = 0; column < COLUMNS; column++) keep(column, round, times[column]);
    }
    report("u-s-u-null-ecall-with-timestamps-total-ecall-handler-1st-insn", 1, 1);
    report("u-s-u-null-ecall-with-timestamps-total-handler-body-branch-csrr-addi-c", 2, 1);
    report("u-s-u-null-ecall-with-timestamps-total-sret-user-next-insn", 3, 1);

    with_frame();
    handler_count = 0;
    enter_user(user_address(user_ecall_with_frame), USER_BUFFER, ROUNDS);
    keep_frames(WARM_UP);
    report("u-s-u-ecall-linux-like-full-frame-total", 0, 1);
    report("u-s-u-ecall-linux-like-full-frame-total-c-handler-user", 1, 1);
}

static void cold_user_call(void) {
    EACH_ROUND {
        set_trap_handler(handle_ecall);
        for (u64 offset = 0; offset < 2 * 32768; offset += 64) load((u64)big_area + offset);
        asm volatile("fence.i");
        enter_user(user_address(user_ecall), USER_BUFFER, 1);
        keep(0, round, user_buffer[0]);
    }
    report("cold-d-evicted-fence-i-null-ecall-min-handler-total", 0, 1);
}

static void user_page_faults(void) {
    with_frame();
    for (zero_pages = 0; zero_pages < 2; zero_pages++) {
        for (int pass = 0; pass < 2; pass++) {
            for (int i = 0; i < 512; i++) fault_ptes[i] = 0;
            fence_all();
            handler_count = pages_mapped = 0;
            for (int i = 0; i < 128; i++) load((u64)data_pages[i] + i * 64 % PAGE);
            enter_user(user_address(user_page_fault), USER_BUFFER, SAMPLES + USER_FAULT_WARM_UP);
            with_frame();
        }
        keep_frames(USER_FAULT_WARM_UP);
        if (zero_pages) {
            report("u-load-pf-full-frame-c-walk-zero-4k-sfence-va-c-handler-ld-retired", 1, 1);
        } else {
            report("u-load-pf-full-frame-c-walk-sfence-va-total", 0, 1);
            report("u-load-pf-full-frame-c-walk-sfence-va-total-c-handler-ld-retired", 1, 1);
        }
    }
}

void traps(void) {
    MEASURE("null-sbi-s-m-s-min-handler-7-insns", 1, time_sbi_call());
    set_trap_handler(handle_software_interrupt);
    MEASURE_PAIR((const char*)0, "self-ssip-csrsi-sip-handler-1st-insn-sret-next-insn",
                 time_software_interrupt());
    user_calls();
    cold_user_call();
    user_page_faults();
    set_trap_handler(unexpected_trap);
}
