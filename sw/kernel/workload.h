// The workload: what the threads do, as data that the measuring side puts into memory.
//
// A header, then nr_threads thread records, each with a range of operation records. All numbers
// are little-endian; depths are bytes below the top of a 16 KiB kernel stack.
#pragma once

#include "riscv.h"

#define WORKLOAD_MAGIC 0x31304c574b545344UL  // "DSTKWL01"
#define WORKLOAD_VERSION 2
#define MAX_PROCESSES 64

// flags
#define WORKLOAD_ZERO_PAGES 1     // pages that move between threads are zeroed
#define WORKLOAD_PINNED 2         // threads change harts where operations say so, and nowhere else
#define WORKLOAD_COUNTS_DAMAGE 4  // a stack that does not hold what it should is counted, no panic

// how harts make others fence.
enum remote_fence {
    REMOTE_FENCE_SBI,        // a call of the SBI, which interrupts them in M-mode
    REMOTE_FENCE_IPI,        // a software interrupt in S-mode
    REMOTE_FENCE_BROADCAST,  // an ideal machine carries each sinval.vma to all harts
    REMOTE_FENCE_FORMS
};

struct workload_header {
    u64 magic;
    u32 version;
    u32 nr_threads;
    u32 nr_processes;
    u32 flags;
    u64 seed;           // for the record
    u32 tick_interval;  // ticks of mtime; 0: no scheduler tick
    u32 nr_ops;
    u64 threads_offset;
    u64 ops_offset;
    u64 total_bytes;
    u32 nr_harts;
    u32 remote_fence;  // enum remote_fence
    u64 zero;
};

enum workload_thread_kind { WORKLOAD_USER = 0, WORKLOAD_KERNEL = 1 };

struct workload_thread {
    u32 process;
    u32 kind;
    u32 first_op;
    u32 nr_ops;
    u32 start_delay;  // ticks of mtime after which the thread is created
    u32 home;         // 0: its number modulo the number of harts; else hart `home - 1`
    u32 zero[2];
};

enum workload_op_kind {
    OP_CALL = 1,   // a system call that goes `depth` deep and returns
    OP_SLEEP = 2,  // goes `depth` deep, returns to `sleep_depth`, blocks there for `sleep_ticks`
    OP_FAULT = 3,  // touches an unmapped user page; the handler goes `depth` deep
    OP_YIELD = 4,  // goes `depth` deep, returns, and gives the hart away
    OP_EXIT = 5,   // last operation of every thread
    OP_FENCE = 6,  // goes `depth` deep, and fences three pages on `harts` other harts
    OP_WAIT = 7,   // goes `depth` deep, returns to `sleep_depth`, waits there for another thread
    OP_WAKE = 8,   // goes `depth` deep, and wakes thread number `harts`
};

// In the images that have them. Code and cycles of all others are what they are without.
#ifdef WAIT_OPERATIONS
#define OP_LAST OP_WAKE
#else
#define OP_LAST OP_FENCE
#endif

struct workload_op {
    u16 kind;
    u16 call;         // for reports only
    u32 user_work;    // loop iterations in user mode before the operation
    u32 depth;        // deepest use of the kernel stack, pt_regs included
    u32 sleep_depth;  // stack in use at the switch; wait: where the entry lies, the switch is 176
                      // to 208 bytes deeper
    u32 sleep_ticks;  // ticks of mtime until the wake-up
    u32 frame_bytes;  // size of one stack frame on the way down
    u32 harts;        // sleep, wait: how many harts further on it wakes; fence: how many fence;
                      // wake: which thread
    u32 depth_after;  // sleep, wait: deepest use after the wake-up, on the way back
};

// checks the workload in memory, and ends the run with a message if it cannot be used.
void workload_parse(void);

u64 workload_bytes(void);
u32 workload_nr_harts(void);
u32 workload_nr_threads(void);
u32 workload_nr_processes(void);
const struct workload_thread* workload_thread(u32 index);
const struct workload_op* workload_ops(u32 first);

// how many system calls and page faults user threads have to report in the end.
u64 workload_expected_calls(void);
u64 workload_expected_faults(void);

// read on hot paths.
extern u64 workload_tick_interval;
extern bool workload_zero_pages;
extern bool workload_pinned;
extern bool workload_counts_damage;
extern enum remote_fence workload_remote_fence;
