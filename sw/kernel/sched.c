#include "sched.h"

#include "main.h"
#include "policy.h"
#include "run_queue.h"
#include "smp.h"
#include "timer.h"
#include "vm.h"
#include "workload.h"

struct hart harts[NR_HARTS];

static u8 overflow_stack[NR_HARTS][HART_STACK_SIZE] __attribute__((aligned(16)));
static u8 fault_stack[NR_HARTS][HART_STACK_SIZE] __attribute__((aligned(16)));

void hart_init(struct hart* hart, u64 id) {
    hart->id = id;
    hart->overflow_stack_top = (u64)overflow_stack[id] + HART_STACK_SIZE;
    hart->fault_stack_top = (u64)fault_stack[id] + HART_STACK_SIZE;
    hart->next_tick = NEVER;
    hart->armed = NEVER;
}

// The stack and the user memory of a thread that comes from another hart may have changed since
// this hart fenced them: it may remember that an entry was invalid, and a fault on the stack in the
// wrong place is fatal. So the fence comes first, on the stack of the thread before.
static __attribute__((noinline)) void fence_on_arrival(struct thread* next, u64 hart) {
    u64 bit = UL(1) << hart;
    if (!(next->stack_fenced_on & bit)) {
        next->stack_fenced_on |= bit;
        fence_kernel_range(next->stack, stack_top(next));
    }
    if (!(next->heap_fenced_on & bit)) {
        next->heap_fenced_on |= bit;
        if (next->process) {
            local_flush_tlb_asid(next->process->asid);
        }
    }
}

// The start of the phase `switch`. Runs with interrupts off and the run queue locked; the lock is
// released by finish_task_switch() on the incoming thread, which gets what that returns.
PROBED struct thread* context_switch(struct thread* prev, struct thread* next) {
    struct hart* hart = prev->hart;
    policy_switch_out(prev);
    hart->running = next;
    next->hart = hart;
    next->has_run = true;
    if (unlikely(!(next->stack_fenced_on & next->heap_fenced_on & UL(1) << hart->id))) {
        fence_on_arrival(next, hart->id);
    }
    if (next->process) {
        switch_process(hart, next->process);
    }
    prev = switch_to(prev, next);
    return finish_task_switch(prev);
}

// The end of the phase `switch`: the first code that runs on the incoming thread. Returns `prev` if
// it has come to its end, to be released: that is no part of the switch.
//
// As soon as the lock is free another hart may run `prev`, and be about to leave it for the last
// time before this one gets on. So its state is looked at before.
PROBED struct thread* finish_task_switch(struct thread* prev) {
    policy_finish_switch(prev);
    struct thread* dead = prev->state == THREAD_DEAD ? prev : NULL;
    spin_unlock(&this_hart()->lock);
    return dead;
}

static inline void release(struct thread* dead) {
    if (unlikely(dead)) {
        thread_release(dead);
    }
}

// Where a new thread starts, instead of in schedule().
void schedule_tail(struct thread* prev) { release(finish_task_switch(prev)); }

void schedule(void) {
    u64 flags = local_irq_save();
    struct thread* prev = current_thread();
    struct hart* hart = prev->hart;

    prev->need_resched = 0;
    if (!workload_pinned && !hart->queue_head &&
        (prev == hart->idle || prev->state != THREAD_RUNNABLE)) {
        pull(hart);
    }
    spin_lock(&hart->lock);
    if (prev->state == THREAD_RUNNABLE && prev != hart->idle) {
        if (!hart->queue_head) {
            spin_unlock(&hart->lock);
            local_irq_restore(flags);
            return;
        }
        run_queue_append(hart, prev);
    }
    struct thread* next = run_queue_take(hart);
    if (next == prev) {
        spin_unlock(&hart->lock);
    } else {
        release(context_switch(prev, next));
    }
    local_irq_restore(flags);
}

// The caller's stack holds what it holds: this is where a thread sleeps inside the kernel.
void sleep_until(u64 deadline, u64 further) {
    u64 flags = local_irq_save();
    struct thread* t = current_thread();
    t->wake_hart = hart_after(t, further);
    t->state = THREAD_SLEEPING;
    timer_add(t->hart, t, deadline);
    schedule();
    local_irq_restore(flags);
}

void idle_loop(void) {
    struct hart* hart = this_hart();
    for (;;) {
        local_irq_disable();
        policy_idle(hart);
        if (hart->queue_head || (!workload_pinned && can_pull(hart))) {
            tick_start(hart);
            schedule();
            tick_stop(hart);
        } else if (hart == &harts[0] && workload_finished()) {
            finish_run();
        } else {
            wait_for_interrupt();
        }
        local_irq_enable();
    }
}
