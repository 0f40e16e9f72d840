// One hart's part of the scheduler: its run queue, its timers, its stacks for emergencies, and what
// other harts want of it.
#pragma once

#include "spinlock.h"
#include "thread.h"

// A fence that this hart asks others for.
struct fence_request {
    u64 start, end;
    u64 unfinished;  // harts that have not fenced yet
};

struct hart {
    u64 overflow_stack_top;  // for the panic after a guard hit
    u64 fault_stack_top;     // for policies that handle faults of the thread's own stack
    u64 id;

    struct spinlock lock;  // of the run queue; held across a switch
    struct thread* queue_head;
    struct thread* queue_tail;
    u64 nr_queued;
    struct thread* running;  // written with the lock held
    struct thread* idle;
    struct process* process;  // whose address space is loaded

    struct thread* timers[KSTACK_SLOTS];  // heap, earliest deadline first
    u32 nr_timers;
    u64 timers_ever;
    u64 next_tick;
    u64 armed;  // what the timer is set to

    u64 ipi_pending __attribute__((aligned(CACHE_LINE)));  // IPI_*
    u64 fences_from;                                       // one bit for each hart
    struct fence_request fence;
} __attribute__((aligned(CACHE_LINE)));

extern struct hart harts[NR_HARTS];

static inline struct hart* this_hart(void) { return current_thread()->hart; }

void hart_init(struct hart* hart, u64 id);
void schedule(void);

// wakes at `deadline` in ticks of mtime, on the hart `further` after this one.
void sleep_until(u64 deadline, u64 further);
struct thread* finish_task_switch(struct thread* prev);
void schedule_tail(struct thread* prev);
void idle_loop(void) __attribute__((noreturn));

// switch.S: returns, on the stack of `next`, the thread that ran before it.
struct thread* switch_to(struct thread* prev, struct thread* next);
