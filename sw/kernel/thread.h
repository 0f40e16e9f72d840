// Threads and harts: what the scheduler, the trap entry and the policies share.
#pragma once

#include <stddef.h>

#include "memory_layout.h"
#include "riscv.h"
#include "spinlock.h"

// frame that a trap leaves on the kernel stack, in Linux's order.
struct pt_regs {
    u64 epc, ra, sp, gp, tp, t0, t1, t2, s0, s1;
    u64 a0, a1, a2, a3, a4, a5, a6, a7;
    u64 s2, s3, s4, s5, s6, s7, s8, s9, s10, s11;
    u64 t3, t4, t5, t6;
    u64 status, badaddr, cause, orig_a0;
};

static inline bool user_mode(const struct pt_regs* regs) { return !(regs->status & SSTATUS_SPP); }

// what switch_to keeps of a thread that does not run.
struct thread_context {
    u64 ra, sp;
    u64 s[12];
};

enum thread_state {
    THREAD_NEW,       // known from the workload, has no stack yet
    THREAD_RUNNABLE,  // runs, or waits for a hart
    THREAD_SLEEPING,  // waits for its timer, or for another thread
    THREAD_DEAD,      // switched out for the last time
    THREAD_RELEASED,  // its stack has gone back
};

// What a thread that waits for another leaves in a wait queue. Two words: use of the stack writes
// one in 16 bytes, so that none survives whole where another thread has been.
struct wait_entry {
    struct thread* thread;
    const struct wait_entry* self;
};

struct hart;
struct process;

#define POLICY_WORDS 4

#define CACHE_LINE 64

struct thread {
    // first, in one cache line, what each entry needs; `tp` points here while in the kernel.
    u64 kernel_sp;      // while in user mode: top of the kernel stack; else a scratch word of entry
    u64 user_sp;        // sp of the interrupted code until it is in the frame
    u64 entry_scratch;  // a register that a policy's entry macro needs
    u64 stack_limit;    // for policies that grow stacks: lowest mapped address + sizeof(pt_regs)
    struct hart* hart;  // where it runs, or ran last
    u64 need_resched;
    u64 stack;        // lowest address of the 16 KiB
    u64* stack_ptes;  // the four entries that map it, lowest page first

    // then what the scheduler needs.
    u64 policy[POLICY_WORDS];  // belongs to the policy
    struct process* process;   // kernel threads: none
    struct thread* next;       // run queue or a list of waiting threads
    enum thread_state state;
    bool kernel_thread;
    bool has_run;
    // Harts that have fenced the thread's stack, and its user memory, since entries of these
    // changed: one bit each.
    u8 stack_fenced_on;
    u8 heap_fenced_on;
    u32 stack_slot;
    u32 index;  // position in the workload
    struct thread_context context;

    u64 deadline;        // of the timer it sleeps on, in ticks of mtime
    u64 deadline_order;  // arrival, so that equal deadlines expire in order
    u64 wake_hart;       // where it goes on then

    // Waiting for another thread.
    struct wait_entry* wait_entry;    // while it waits: where those who wake it look
    struct wait_entry entry_outside;  // the entry, where it waits outside of the kernel
    u32 wakeups;                      // that it has not used up yet
    struct spinlock wait_lock;        // of these two; taken before the lock of a hart
} __attribute__((aligned(CACHE_LINE)));

static inline u64 stack_top(const struct thread* t) { return t->stack + THREAD_SIZE; }

static inline struct pt_regs* thread_regs(const struct thread* t) {
    return (struct pt_regs*)stack_top(t) - 1;
}

static inline struct thread* current_thread(void) {
    struct thread* t;
    asm("mv %0, tp" : "=r"(t));
    return t;
}

#define MAX_THREADS (KSTACK_SLOTS - NR_HARTS - 1)

// number of threads that have a stack, kernel threads and idle threads included.
extern u64 nr_threads;

// user threads that have not exited, and what those that have did by their own account.
extern u64 live_threads;
extern u64 completed_calls;
extern u64 completed_faults;

// only what the workload says is filled in.
struct thread* thread_of_workload(u32 index);

// gives a thread of the workload its stack and lets it run.
void thread_start(struct thread* t);
void thread_create_idle(struct thread* t, struct hart* hart);
void thread_start_kernel(struct thread* t, void (*function)(void*), void* argument);
void thread_exit(void) __attribute__((noreturn));
void thread_release(struct thread* t);
