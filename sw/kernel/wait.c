// As in Linux the entry is a local variable of the function that waits. Who wakes a thread finds
// the entry by a pointer, and reads it through the kernel address that it has on the stack of the
// other: the TLB of his hart has a translation of that stack from then on.
//
// A thread keeps its entry where it is until it has the lock again, so nobody reads it later.
#include "wait.h"

#include "deep.h"
#include "policy.h"
#include "run_queue.h"
#include "smp.h"

// The lock is held, and again in the end.
static void wait_with(struct thread* t, struct wait_entry* entry, u64 further) {
    t->wait_entry = entry;
    t->wake_hart = hart_after(t, further);
    t->state = THREAD_SLEEPING;
    spin_unlock(&t->wait_lock);
    schedule();
    spin_lock(&t->wait_lock);
}

// Who does not wait here leaves nothing on the stack either.
static void wait_outside(struct thread* t, u64 further) {
    t->entry_outside = (struct wait_entry){.thread = t, .self = &t->entry_outside};
    t->wait_entry = &t->entry_outside;
    t->wake_hart = hart_after(t, further);
}

static void wait_at_bottom(void* argument) {
    const struct wait* wait = argument;
    struct thread* t = current_thread();
    go_deep(t, wait->depth, wait->frame_bytes);

    struct wait_entry entry = {.thread = t, .self = &entry};
    u64 flags = local_irq_save();
    spin_lock(&t->wait_lock);
    bool stays = true;
    while (stays && !t->wakeups) {
        stays = policy_about_to_block(t) == WAIT_HERE;
        if (stays) {
            wait_with(t, &entry, wait->further);
        } else {
            wait_outside(t, wait->further);
        }
    }
    if (stays) {
        t->wait_entry = NULL;
        t->wakeups--;
    }
    spin_unlock(&t->wait_lock);
    local_irq_restore(flags);
    if (stays && wait->depth_after) {
        go_deep(t, wait->depth_after, wait->frame_bytes);
    }
}

void wait_deep(struct thread* t, const struct wait* wait) {
    stack_walk(stack_top(t) - wait->wait_depth, wait->frame_bytes, wait_at_bottom, (void*)wait);
}

static void check_entry(const struct wait_entry* entry, const struct thread* t) {
    u64 thread = (u64)__atomic_load_n(&entry->thread, __ATOMIC_RELAXED);
    u64 self = (u64)__atomic_load_n(&entry->self, __ATOMIC_RELAXED);
    if (thread != (u64)t) {
        stack_pattern_lost((u64)&entry->thread, thread, (u64)t);
    } else if (self != (u64)entry) {
        stack_pattern_lost((u64)&entry->self, self, (u64)entry);
    }
}

// Whom to wake is known, so that a wrong entry can be counted and does no harm.
void wake_waiter(struct thread* t) {
    u64 flags = local_irq_save();
    spin_lock(&t->wait_lock);
    t->wakeups++;
    const struct wait_entry* entry = t->wait_entry;
    if (entry) {
        policy_shared(t, this_hart()->id);
        check_entry(entry, t);
        wake(t, t->wake_hart);
    }
    spin_unlock(&t->wait_lock);
    local_irq_restore(flags);
}
