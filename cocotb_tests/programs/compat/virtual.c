// In the manner of riscv-tests' environment `v`: M-mode sets up Sv39 with the kernel in the topmost
// 2 MiB and the program in the lowest, and enters U-mode by sret. S-mode maps pages at their first
// touch, gives them A and D by trap, and speaks to the host through tohost from its high address.
#include <stddef.h>
#include <stdint.h>

typedef uint64_t u64;

#define DRAM 0x80000000ull
#define MEGAPAGE 0x200000ull
#define PAGE 4096ull
#define PAGES 63
#define V 1ull
#define R 2ull
#define W 4ull
#define X 8ull
#define USER 16ull
#define A 64ull
#define D 128ull

#define csr_write(csr, value) asm volatile("csrw " #csr ", %0" ::"r"((u64)(value)) : "memory")
#define csr_set(csr, bits) asm volatile("csrs " #csr ", %0" ::"r"((u64)(bits)) : "memory")
#define csr_clear(csr, bits) asm volatile("csrc " #csr ", %0" ::"r"((u64)(bits)) : "memory")
#define csr_read(csr)                                  \
    ({                                                 \
        u64 value_;                                    \
        asm volatile("csrr %0, " #csr : "=r"(value_)); \
        value_;                                        \
    })

struct frame {
    u64 pc, x[31];
};

// Where an address of this image is in the kernel's megapage, and for the program. Behind the
// compiler's back: the difference is too far for a relocation.
static u64 away(const void* pa, u64 distance) {
    asm("" : "+r"(pa));
    return (u64)pa - distance;
}
#define high(pa) away(pa, DRAM + MEGAPAGE)

extern volatile u64 tohost, fromhost;
extern char trap_entry[], program[];
__attribute__((noreturn)) void resume(struct frame* frame);

static u64 table[4][512] __attribute__((aligned(4096)));
static u64 in_use[PAGES];
static u64 next_page = 21;
static struct frame frame;

static void to_host(u64 value) {
    while (tohost) fromhost = 0;
    tohost = value;
}

static void put(const char* text) {
    while (*text) to_host(0x0101000000000000 | (unsigned char)*text++);
}

__attribute__((noreturn)) static void terminate(u64 code) {
    to_host(code);
    for (;;);
}

static void copy(u64* to, const u64* from) {
    for (int i = 0; i < 512; i++) to[i] = from[i];
}

static void flush(u64 va) { asm volatile("sfence.vma %0" ::"r"(va) : "memory"); }

static void page_fault(u64 va, u64 cause) {
    u64 page = va / PAGE;
    if (page == 0 || page >= PAGES) terminate(3);
    volatile u64* pte = &table[3][page];
    if (*pte & V) {
        if (!(*pte & A)) {
            *pte |= A;
        } else {
            if (*pte & D || cause != 15) terminate(5);
            *pte |= D;
        }
    } else {
        u64 physical = DRAM + (PAGES + 1 + next_page) * PAGE;
        next_page = next_page >> 1 ^ (-(next_page & 1) & 0x30);  // a shift register of 6 bits
        u64 entry = physical >> 12 << 10 | V | R | W | X | USER;
        *pte = entry | A | D;
        flush(va);
        csr_set(sstatus, 1 << 18);
        copy((u64*)(page * PAGE), (const u64*)(page * PAGE - MEGAPAGE));
        csr_clear(sstatus, 1 << 18);
        *pte = entry;
        in_use[page] = physical;
    }
    flush(va);
    asm volatile("fence.i");
}

void handle(struct frame* at) {
    u64 cause = csr_read(scause);
    if (cause == 8) {
        for (u64 page = 1; page < PAGES; page++) {
            if (in_use[page] && !(table[3][page] & A)) terminate(9);
        }
        put("the program has ended\n");
        terminate(at->x[9]);
    }
    if (cause != 12 && cause != 13 && cause != 15) terminate(11);
    page_fault(csr_read(stval), cause);
    resume(at);
}

void boot(void) {
    if (csr_read(mhartid))
        for (;;);
    table[0][0] = (u64)table[1] >> 12 << 10 | V;
    table[0][511] = (u64)table[2] >> 12 << 10 | V;
    table[1][0] = (u64)table[3] >> 12 << 10 | V;
    table[2][511] = DRAM >> 12 << 10 | V | R | W | X | A | D;
    u64 satp = 8ull << 60 | (u64)table[0] >> 12;
    csr_write(satp, satp);
    if (csr_read(satp) != satp) terminate(13);
    asm volatile(
        "la t0, 1f\n"
        "csrrw t0, mtvec, t0\n"
        "csrw pmpaddr0, %0\n"
        "csrw pmpcfg0, %1\n"
        ".balign 4\n"
        "1: csrw mtvec, t0\n" ::"r"((1ull << 53) - 1),
        "r"(0x1full)
        : "t0", "memory");
    csr_write(stvec, high(trap_entry));
    csr_write(sscratch, high(&frame));
    csr_write(medeleg, 1 << 8 | 1 << 12 | 1 << 13 | 1 << 15 | 1 << 2);
    csr_set(mstatus, 3 << 13 | 3 << 15 | 3 << 9);  // FS, XS and VS
    csr_write(mie, 0);
    frame.pc = away(program, DRAM);
    resume(&frame);
}
