#include "spawn.h"

#include "run_queue.h"
#include "smp.h"
#include "timer.h"
#include "vm.h"
#include "workload.h"

static struct process processes[MAX_PROCESSES];
static struct thread spawner;
static struct spinlock due_lock;
static struct thread* due;
static struct thread** due_tail = &due;
static u32 nr_delayed;

struct process* process_of_workload(unsigned index) { return &processes[index]; }

// A kernel thread: creating a stack is not for interrupt handlers.
static void spawn_delayed(void* unused) {
    (void)unused;
    while (nr_delayed) {
        local_irq_disable();
        spin_lock(&due_lock);
        struct thread* t = due;
        if (!t) {
            // under the lock, so that who adds one sees it and wakes this thread.
            spawner.state = THREAD_SLEEPING;
            spin_unlock(&due_lock);
            schedule();
            local_irq_enable();
            continue;
        }
        due = t->next;
        if (!due) {
            due_tail = &due;
        }
        spin_unlock(&due_lock);
        local_irq_enable();
        nr_delayed--;
        thread_start(t);
    }
    thread_exit();
}

void spawn_request(struct thread* t) {
    t->next = NULL;
    spin_lock(&due_lock);
    *due_tail = t;
    due_tail = &t->next;
    bool asleep = spawner.state == THREAD_SLEEPING;
    spin_unlock(&due_lock);
    if (asleep) {
        wake(&spawner, spawner.hart->id);
    }
}

void spawn_workload(void) {
    for (u32 i = 0; i < workload_nr_processes(); i++) {
        process_create(&processes[i], i);
    }
    for (u32 i = 0; i < workload_nr_threads(); i++) {
        const struct workload_thread* record = workload_thread(i);
        struct thread* t = thread_of_workload(i);
        t->index = i;
        t->hart = &harts[record->home ? record->home - 1 : i % nr_harts];
        t->kernel_thread = record->kind == WORKLOAD_KERNEL;
        if (!t->kernel_thread) {
            t->process = &processes[record->process];
            process_map_heap(t->process, i);
        }
        live_threads++;
        if (record->start_delay) {
            nr_delayed++;
        } else {
            thread_start(t);
        }
    }
    if (nr_delayed) {
        thread_start_kernel(&spawner, spawn_delayed, NULL);
    }
}

void spawn_begin_delays(void) {
    u64 now = time_now();
    for (u32 i = 0; i < workload_nr_threads(); i++) {
        u32 delay = workload_thread(i)->start_delay;
        if (delay) {
            timer_add(this_hart(), thread_of_workload(i), now + delay);
        }
    }
}
