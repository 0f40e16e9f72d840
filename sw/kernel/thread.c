#include "thread.h"

#include "console.h"
#include "ipi.h"
#include "kstack.h"
#include "main.h"
#include "policy.h"
#include "run_queue.h"
#include "syscall.h"
#include "vm.h"
#include "workload.h"

u64 nr_threads WATCHED;
u64 live_threads;
u64 completed_calls;
u64 completed_faults;

static struct thread threads[MAX_THREADS];

// switch.S
void ret_from_fork(void);
void ret_from_kernel_thread(void);

// user/program.S
extern u8 user_text_start[], user_program[];

struct thread* thread_of_workload(u32 index) { return &threads[index]; }

static void give_stack(struct thread* t) {
    kstack_reserve(t);
    if (t->kernel_thread) {
        kstack_populate(t, THREAD_PAGES);
    } else {
        policy_thread_create(t);
    }
    t->kernel_sp = stack_top(t);
    t->heap_fenced_on = ~0;
    __atomic_fetch_add(&nr_threads, 1, __ATOMIC_RELAXED);
}

static void prepare_kernel_thread(struct thread* t, void (*function)(void*), void* argument) {
    t->context.ra = (u64)ret_from_kernel_thread;
    t->context.s[0] = (u64)function;
    t->context.s[1] = (u64)argument;
    t->context.sp = (u64)thread_regs(t);
}

static void prepare_user_thread(struct thread* t) {
    struct pt_regs* regs = thread_regs(t);
    const struct workload_thread* record = workload_thread(t->index);
    u64 ops = (u64)workload_ops(record->first_op) - WORKLOAD_BASE;

    *regs = (struct pt_regs){
        .epc = USER_TEXT + (u64)(user_program - user_text_start),
        .status = SSTATUS_SPIE,
        .a0 = USER_WORKLOAD + ops,
        .a1 = user_heap(t->index),
        .a2 = t->index,
    };
    t->context.ra = (u64)ret_from_fork;
    t->context.sp = (u64)regs;
}

void thread_start(struct thread* t) {
    give_stack(t);
    if (t->kernel_thread) {
        prepare_kernel_thread(t, kernel_thread_walk_ops, t);
    } else {
        prepare_user_thread(t);
    }
    wake(t, t->hart->id);
}

// the idle thread of a hart is what boots it: it has a context already.
void thread_create_idle(struct thread* t, struct hart* hart) {
    t->hart = hart;
    t->kernel_thread = true;
    t->has_run = true;
    t->state = THREAD_RUNNABLE;
    hart->idle = t;
    hart->running = t;
    give_stack(t);
    t->stack_fenced_on = ~0;  // it begins with a fence of everything
}

void thread_start_kernel(struct thread* t, void (*function)(void*), void* argument) {
    t->hart = this_hart();
    t->kernel_thread = true;
    give_stack(t);
    prepare_kernel_thread(t, function, argument);
    wake(t, t->hart->id);
}

void thread_exit(void) {
    local_irq_disable();
    current_thread()->state = THREAD_DEAD;
    schedule();
    __builtin_unreachable();
}

// Out of line: schedule() would save registers for it at each switch.
__attribute__((noinline)) void thread_release(struct thread* t) {
    policy_thread_exit(t);
    kstack_release(t);
    t->state = THREAD_RELEASED;
    __atomic_fetch_sub(&nr_threads, 1, __ATOMIC_RELEASE);
    // the boot hart ends the run.
    if (workload_finished() && this_hart() != &harts[0]) {
        ipi_send(IPI_RESCHEDULE, 0);
    }
}
