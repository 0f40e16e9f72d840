// The supervisor of the demand-paging environment. It gives a program in U-mode few physical pages,
// at random places; each first touch faults, and for a page that comes another one goes, back to
// the backing store if it was written. At every exchange it checks what the A and D bits say.
#include "../env/vm.h"

#define USER 0x400000ull  // virtual; paging.ld links the program there
#define USER_PAGES 512
#define STORE 0x82000000ull   // where the loader put the program: the backing store
#define FRAMES 0x84000000ull  // physical pages for it, 4096 to choose from
#define RESIDENT 16

enum { CALL_PUT = 1, CALL_EXIT = 2 };

struct frame {
    u64 pc, x[31];
};

struct request {
    u64 seed, flags;
};
#define REQUEST ((volatile struct request*)0x87000000)

static u64 root[512] __attribute__((aligned(4096)));
static u64 middle[512] __attribute__((aligned(4096)));
static u64 leaves[2][512] __attribute__((aligned(4096)));

static u64 place[RESIDENT];  // physical pages
static u64 holds[RESIDENT];  // the user page in each, plus one; 0: nothing
static struct frame user;
static u64 random, asid, asids;
static bool svadu;
static u64 faults, exchanges, written_back, ticks;

void put_string(const char* text) {
    while (*text) *(volatile u8*)UART = *text++;
}

void put_number(u64 value) {
    put_string("0x");
    for (int shift = 60; shift >= 0; shift -= 4) {
        if (value >> shift || shift == 0)
            *(volatile u8*)UART = "0123456789abcdef"[value >> shift & 15];
    }
}

void complain(u64 cause, u64 epc, u64 tval) {
    put_string("\nsupervisor: FAIL unexpected trap, cause ");
    put_number(cause);
    put_string(" epc ");
    put_number(epc);
    put_string(" tval ");
    put_number(tval);
    put_string("\n");
}

__attribute__((noreturn)) void exit_image(u64 code);
__attribute__((noreturn)) void enter_user(struct frame* frame);
extern char trap_from_user[], user_start[];

static void require(bool condition, const char* what, u64 value) {
    if (condition) return;
    put_string("\nsupervisor: FAIL ");
    put_string(what);
    put_string(" ");
    put_number(value);
    put_string("\n");
    exit_image(97);
}

static u64 draw(u64 limit) {
    random ^= random << 13;  // xorshift64
    random ^= random >> 7;
    random ^= random << 17;
    return random % limit;
}

static u64* leaf(u64 page) { return &leaves[page / 512][page % 512]; }

static u64 address(u64 page) { return USER + page * PAGE; }

// A fence that covers this page of the current address space: each form does.
static void fence_page(u64 page) {
    u64 va = address(page) + draw(PAGE);
    switch (draw(5)) {
        case 0:
            sfence_all();
            break;
        case 1:
            sfence_va(va);
            break;
        case 2:
            sfence_asid(asid);
            break;
        case 3:
            sfence_va_asid(va, asid);
            break;
        case 4:
            asm volatile(
                "sfence.w.inval\n"
                "sinval.vma %0, %1\n"
                "sfence.inval.ir\n" ::"r"(va),
                "r"(asid)
                : "memory");
            break;
    }
}

static void use_asid(u64 next) {
    asid = next & asids;
    csr_write(satp, SATP_SV39 | asid << 44 | (u64)root >> 12);
    sfence_asid(asid);  // what it cached when it was last used
}

static void copy_page(u64 to, u64 from) {
    u64* target = (u64*)to;
    const u64* source = (const u64*)from;
#pragma unroll 8
    for (int i = 0; i < 512; i++) target[i] = source[i];
}

static void wipe_page(u64 page) {
    u64* words = (u64*)page;
#pragma unroll 8
    for (int i = 0; i < 512; i++) words[i] = ~0ull;
}

static bool same_page(u64 one, u64 other) {
    const u64 *left = (const u64*)one, *right = (const u64*)other;
    u64 different = 0;
#pragma unroll 8
    for (int i = 0; i < 512; i++) different |= left[i] ^ right[i];
    return !different;
}

static void evict(u64 slot) {
    if (!holds[slot]) return;
    u64 page = holds[slot] - 1, store = STORE + page * PAGE;
    u64 pte;
    asm volatile("amoswap.d %0, zero, (%1)" : "=r"(pte) : "r"(leaf(page)) : "memory");
    fence_page(page);
    asm volatile("" ::: "memory");
    require(pte >> 10 << 12 == place[slot], "a PTE points elsewhere", pte);
    require(!(pte & PTE_D) || pte & PTE_A, "D without A", pte);
    if (pte & PTE_D) {
        copy_page(store, place[slot]);
        written_back++;
    } else {
        require(same_page(store, place[slot]), "written without D: page", page);
    }
    wipe_page(place[slot]);
    holds[slot] = 0;
}

static void bring(u64 page) {
    u64 slot = draw(RESIDENT);
    for (u64 i = 0; i < RESIDENT && holds[slot]; i++) slot = (slot + 1) % RESIDENT;
    if (holds[slot]) {
        evict(slot);
        exchanges++;
    }
    place[slot] = FRAMES + draw(4096) * PAGE;
    for (u64 i = 0; i < RESIDENT; i++) {
        if (i == slot || place[i] != place[slot]) continue;
        place[slot] = FRAMES + draw(4096) * PAGE;  // taken: draw again, look from the start
        i = ~0ull;
    }
    holds[slot] = page + 1;
    u64 pte = pte_of(place[slot], PTE_V | PTE_RWX | PTE_U);
    if (draw(2)) {
        copy_page(place[slot], STORE + page * PAGE);
    } else {  // through the user's own address, as a kernel may with SUM
        *(volatile u64*)leaf(page) = pte | PTE_AD;
        fence_page(page);
        csr_set(sstatus, STATUS_SUM);
        copy_page(address(page), STORE + page * PAGE);
        asm volatile("" ::: "memory");
        csr_clear(sstatus, STATUS_SUM);
    }
    *(volatile u64*)leaf(page) = pte;
    fence_page(page);
    fence_i();
}

static void page_fault(u64 cause, u64 va) {
    u64 page = (va - USER) / PAGE;
    require(va >= USER && page < USER_PAGES, "a fault outside the program, at", va);
    faults++;
    u64 pte = *leaf(page);
    if (!(pte & PTE_V)) {
        bring(page);
    } else {
        require(!svadu, "Svadu left a fault for the A or D bit, at", va);
        if (!(pte & PTE_A)) {
            // what caused it may set D at once, or fault again
            *(volatile u64*)leaf(page) |= cause == STORE_PAGE && draw(2) ? PTE_AD : PTE_A;
        } else {
            require(cause == STORE_PAGE && !(pte & PTE_D), "a fault for nothing, at", va);
            *(volatile u64*)leaf(page) |= PTE_D;
        }
        fence_page(page);
    }
    if (draw(8) == 0) use_asid(draw(0x10000));
}

static void set_timer(void) { csr_write(stimecmp, csr_read(time) + 5 + draw(100)); }

struct frame* handle(struct frame* frame) {
    u64 cause = csr_read(scause), tval = csr_read(stval);
    if (cause == (INTERRUPT | IRQ_STI)) {
        ticks++;
        set_timer();
    } else if (cause == FETCH_PAGE || cause == LOAD_PAGE || cause == STORE_PAGE) {
        page_fault(cause, tval);
    } else if (cause == ECALL_U) {
        frame->pc += 4;
        if (frame->x[16] == CALL_PUT) {
            *(volatile u8*)UART = frame->x[9];
        } else {
            for (u64 slot = 0; slot < RESIDENT; slot++) evict(slot);
            require(exchanges > 0 && written_back > 0, "nothing was exchanged:", exchanges);
            put_string("faults ");
            put_number(faults);
            put_string(" exchanges ");
            put_number(exchanges);
            put_string(" ticks ");
            put_number(ticks);
            put_string(svadu ? "\nA and D by the hart" : "\nA and D by traps");
            put_string(frame->x[9] ? "\nend: failed\n" : "\nend: passed\n");
            exit_image(frame->x[9]);
        }
    } else {
        complain(cause, frame->pc, tval);
        exit_image(96);
    }
    return frame;
}

void supervisor(u64 menvcfg) {
    random = (REQUEST->seed ? REQUEST->seed : 1) * 0x9e3779b97f4a7c15;
    svadu = menvcfg >> 61 & 1;
    root[0] = pte_of((u64)middle, PTE_V);
    root[2] = pte_of(0x80000000, PTE_V | PTE_RWX | PTE_G | PTE_AD);
    // devices below the program, and the UART
    middle[0] = pte_of(0, PTE_V | PTE_RW | PTE_G | PTE_AD);
    middle[UART >> 21] = pte_of(UART, PTE_V | PTE_RW | PTE_G | PTE_AD);
    for (u64 i = 0; i < 2; i++) middle[(USER >> 21) + i] = pte_of((u64)leaves[i], PTE_V);
    csr_write(satp, SATP_SV39 | 0xffffull << 44 | (u64)root >> 12);
    asids = csr_read(satp) >> 44 & 0xffff;
    sfence_all();
    use_asid(draw(0x10000));
    csr_write(sie, BIT(IRQ_STI));
    set_timer();
    csr_write(sstatus, STATUS_SPIE);
    user.pc = (u64)user_start;
    enter_user(&user);
}
