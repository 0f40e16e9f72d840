#include "sched.h"

#include "main.h"
#include "policy.h"
#include "timer.h"
#include "vm.h"

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

static void enqueue(struct hart* hart, struct thread* t) {
    t->next = NULL;
    if (hart->queue_head) {
        hart->queue_tail->next = t;
    } else {
        hart->queue_head = t;
    }
    hart->queue_tail = t;
}

// takes the first thread that the policy lets run; the idle thread if there is none.
static struct thread* pick_next(struct hart* hart) {
    struct thread* before = NULL;
    for (struct thread* t = hart->queue_head; t; before = t, t = t->next) {
        if (!policy_switch_in(t)) {
            continue;
        }
        if (before) {
            before->next = t->next;
        } else {
            hart->queue_head = t->next;
        }
        if (hart->queue_tail == t) {
            hart->queue_tail = before;
        }
        return t;
    }
    return hart->idle;
}

// The start of the phase `switch`. Runs with interrupts off and the run queue locked; the lock is
// released by finish_task_switch() on the incoming thread.
PROBED void context_switch(struct thread* prev, struct thread* next) {
    policy_switch_out(prev);
    next->hart = prev->hart;
    next->has_run = true;
    if (next->process) {
        switch_process(prev->hart, next->process);
    }
    prev = switch_to(prev, next);
    finish_task_switch(prev);
}

// The end of the phase `switch`: the first code that runs on the incoming thread.
PROBED void finish_task_switch(struct thread* prev) {
    spin_unlock(&this_hart()->lock);
    policy_finish_switch(prev);
    if (prev->state == THREAD_DEAD) {
        thread_release(prev);
    }
}

void schedule(void) {
    u64 flags = local_irq_save();
    struct thread* prev = current_thread();
    struct hart* hart = prev->hart;

    prev->need_resched = 0;
    spin_lock(&hart->lock);
    if (prev->state == THREAD_RUNNABLE && prev != hart->idle) {
        if (!hart->queue_head) {
            spin_unlock(&hart->lock);
            local_irq_restore(flags);
            return;
        }
        enqueue(hart, prev);
    }
    struct thread* next = pick_next(hart);
    if (next == prev) {
        spin_unlock(&hart->lock);
    } else {
        context_switch(prev, next);
    }
    local_irq_restore(flags);
}

void wake(struct thread* t) {
    u64 flags = local_irq_save();
    struct hart* hart = t->hart;
    spin_lock(&hart->lock);
    t->state = THREAD_RUNNABLE;
    enqueue(hart, t);
    spin_unlock(&hart->lock);
    local_irq_restore(flags);
}

// The caller's stack holds what it holds: this is where a thread sleeps inside the kernel.
void sleep_until(u64 deadline) {
    u64 flags = local_irq_save();
    struct thread* t = current_thread();
    policy_about_to_block(t);
    t->state = THREAD_SLEEPING;
    timer_add(t->hart, t, deadline);
    schedule();
    local_irq_restore(flags);
}

void idle_loop(void) {
    struct hart* hart = this_hart();
    for (;;) {
        local_irq_disable();
        if (hart->queue_head) {
            tick_start(hart);
            schedule();
            tick_stop(hart);
        } else if (workload_finished()) {
            finish_run();
        } else {
            wait_for_interrupt();
        }
        local_irq_enable();
    }
}
