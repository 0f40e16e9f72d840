// One hart's part of the scheduler: its run queue, its timers, its stacks for emergencies.
#pragma once

#include "spinlock.h"
#include "thread.h"

struct hart {
    u64 overflow_stack_top;  // for the panic after a guard hit
    u64 fault_stack_top;     // for policies that handle faults of the thread's own stack
    u64 id;

    struct spinlock lock;  // of the run queue; held across a switch
    struct thread* queue_head;
    struct thread* queue_tail;
    struct thread* idle;
    struct process* process;  // whose address space is loaded

    struct thread* timers[KSTACK_SLOTS];  // heap, earliest deadline first
    u32 nr_timers;
    u64 timers_ever;
    u64 next_tick;
    u64 armed;  // what the timer is set to
};

extern struct hart harts[NR_HARTS];

static inline struct hart* this_hart(void) { return current_thread()->hart; }

void hart_init(struct hart* hart, u64 id);
void schedule(void);
void wake(struct thread* t);
void sleep_until(u64 deadline);
void finish_task_switch(struct thread* prev);
void idle_loop(void) __attribute__((noreturn));

// switch.S: returns, on the stack of `next`, the thread that ran before it.
struct thread* switch_to(struct thread* prev, struct thread* next);
