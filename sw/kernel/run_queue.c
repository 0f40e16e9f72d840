#include "run_queue.h"

#include "ipi.h"
#include "policy.h"
#include "smp.h"
#include "workload.h"

void run_queue_append(struct hart* hart, struct thread* t) {
    t->next = NULL;
    if (hart->queue_head) {
        hart->queue_tail->next = t;
    } else {
        hart->queue_head = t;
    }
    hart->queue_tail = t;
    hart->nr_queued++;
}

static void remove(struct hart* hart, struct thread* before, struct thread* t) {
    if (before) {
        before->next = t->next;
    } else {
        hart->queue_head = t->next;
    }
    if (hart->queue_tail == t) {
        hart->queue_tail = before;
    }
    hart->nr_queued--;
}

struct thread* run_queue_take(struct hart* hart) {
    struct thread* before = NULL;
    for (struct thread* t = hart->queue_head; t; before = t, t = t->next) {
        if (policy_switch_in(t)) {
            remove(hart, before, t);
            return t;
        }
    }
    return hart->idle;
}

static bool is_idle(const struct hart* hart) {
    return __atomic_load_n(&hart->running, __ATOMIC_RELAXED) == hart->idle;
}

// An idle hart looks at its queue with interrupts off and then waits: an interrupt that comes in
// between ends the wait, so the wake-up is not lost. Others come to their queue by themselves.
static void append_and_kick(struct hart* hart, struct thread* t) {
    run_queue_append(hart, t);
    bool idle = is_idle(hart);
    spin_unlock(&hart->lock);
    if (idle && hart != this_hart()) {
        ipi_send(IPI_RESCHEDULE, hart->id);
    }
}

PROBED void migrate(struct thread* t, u64 hart) {
    spin_lock(&harts[hart].lock);
    append_and_kick(&harts[hart], t);
}

// The lock of the hart where the thread ran last is held across its switch. So under that lock the
// thread either still runs, and will see in schedule() that it has been woken, or has left its
// stack, and can be let go on anywhere.
PROBED void wake(struct thread* t, u64 hart) {
    u64 flags = local_irq_save();
    struct hart* last = t->hart;
    spin_lock(&last->lock);
    bool waits = t->state == THREAD_NEW || t->state == THREAD_SLEEPING;
    if (waits) {
        t->state = THREAD_RUNNABLE;
    }
    if (!waits || last->running == t) {
        spin_unlock(&last->lock);
    } else if (hart == last->id) {
        append_and_kick(last, t);
    } else {
        spin_unlock(&last->lock);
        migrate(t, hart);
    }
    local_irq_restore(flags);
}

static struct hart* longest_queue(const struct hart* hart) {
    struct hart* found = NULL;
    u64 most = 0;
    for (u64 i = 1; i < nr_harts; i++) {
        u64 id = hart->id + i;
        struct hart* other = &harts[id < nr_harts ? id : id - nr_harts];
        u64 queued = __atomic_load_n(&other->nr_queued, __ATOMIC_RELAXED);
        // an idle hart is about to take what it was woken for.
        if (queued > most && !is_idle(other)) {
            found = other;
            most = queued;
        }
    }
    return found;
}

__attribute__((noinline)) bool can_pull(const struct hart* hart) { return longest_queue(hart); }

__attribute__((noinline)) void pull(struct hart* hart) {
    struct hart* from = longest_queue(hart);
    if (!from) {
        return;
    }
    spin_lock(&from->lock);
    struct thread* t = from->queue_head;
    if (t) {
        remove(from, NULL, t);
    }
    spin_unlock(&from->lock);
    if (t) {
        migrate(t, hart->id);
    }
}

__attribute__((noinline)) void kick_idle_hart(struct hart* hart) {
    if (!hart->nr_queued) {
        return;
    }
    for (u64 id = 0; id < nr_harts; id++) {
        if (&harts[id] != hart && is_idle(&harts[id])) {
            ipi_send(IPI_RESCHEDULE, id);
            return;
        }
    }
}
