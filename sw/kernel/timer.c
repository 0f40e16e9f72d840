#include "timer.h"

#include "policy.h"
#include "run_queue.h"
#include "sbi_call.h"
#include "spawn.h"
#include "workload.h"

static bool earlier(const struct thread* a, const struct thread* b) {
    return a->deadline != b->deadline ? a->deadline < b->deadline
                                      : a->deadline_order < b->deadline_order;
}

static void heap_push(struct hart* hart, struct thread* t) {
    u32 at = hart->nr_timers++;
    while (at > 0) {
        u32 parent = (at - 1) / 2;
        if (!earlier(t, hart->timers[parent])) {
            break;
        }
        hart->timers[at] = hart->timers[parent];
        at = parent;
    }
    hart->timers[at] = t;
}

static struct thread* heap_pop(struct hart* hart) {
    struct thread* first = hart->timers[0];
    struct thread* last = hart->timers[--hart->nr_timers];
    u32 at = 0;
    for (;;) {
        u32 child = 2 * at + 1;
        if (child >= hart->nr_timers) {
            break;
        }
        if (child + 1 < hart->nr_timers && earlier(hart->timers[child + 1], hart->timers[child])) {
            child++;
        }
        if (!earlier(hart->timers[child], last)) {
            break;
        }
        hart->timers[at] = hart->timers[child];
        at = child;
    }
    hart->timers[at] = last;
    return first;
}

// sets the timer to the next event, unless it is set to that already.
static void arm(struct hart* hart) {
    u64 next = hart->next_tick;
    if (hart->nr_timers && hart->timers[0]->deadline < next) {
        next = hart->timers[0]->deadline;
    }
    if (next != hart->armed) {
        hart->armed = next;
        csr_set(sie, SIE_STIE);
        sbi_set_timer(next);
    }
}

void timer_add(struct hart* hart, struct thread* t, u64 deadline) {
    t->deadline = deadline;
    t->deadline_order = hart->timers_ever++;
    heap_push(hart, t);
    arm(hart);
}

void tick_start(struct hart* hart) {
    if (workload_tick_interval) {
        hart->next_tick = time_now() + workload_tick_interval;
        arm(hart);
    }
}

// an idle hart sleeps through its ticks.
void tick_stop(struct hart* hart) {
    hart->next_tick = NEVER;
    arm(hart);
}

void timer_interrupt(void) {
    struct hart* hart = this_hart();
    u64 now = time_now();

    csr_clear(sie, SIE_STIE);
    hart->armed = NEVER;
    while (hart->nr_timers && hart->timers[0]->deadline <= now) {
        struct thread* t = heap_pop(hart);
        if (t->state == THREAD_NEW) {
            spawn_request(t);
        } else {
            wake(t, t->wake_hart);
        }
    }
    if (hart->next_tick <= now) {
        hart->next_tick = now + workload_tick_interval;
        current_thread()->need_resched = 1;
        if (!workload_pinned) {
            kick_idle_hart(hart);
        }
        policy_periodic_scan();
    }
    arm(hart);
}
