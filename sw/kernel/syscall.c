#include "syscall.h"

#include "deep.h"
#include "ipi.h"
#include "policy.h"
#include "sched.h"
#include "smp.h"
#include "wait.h"
#include "workload.h"

#define ENOMEM 12
#define ENOSYS 38

// The user program says in a0 and a1 what it has done; the self-check compares in the end.
static void exit_user_thread(u64 calls, u64 faults) {
    __atomic_fetch_add(&completed_calls, calls, __ATOMIC_RELAXED);
    __atomic_fetch_add(&completed_faults, faults, __ATOMIC_RELAXED);
    __atomic_fetch_sub(&live_threads, 1, __ATOMIC_RELEASE);
    thread_exit();
}

// The next `count` harts after this one fence the three lower pages of the thread's stack.
static void fence_on_others(struct thread* t, u64 count) {
    u64 flags = local_irq_save();
    u64 first = this_hart()->id + 1;
    u64 mask = ((UL(1) << count) - 1) << first;
    mask = (mask | mask >> nr_harts) & harts_mask();
    if (mask) {
        remote_fence(mask, t->stack, stack_top(t) - PAGE_SIZE);
    }
    local_irq_restore(flags);
}

// depth, and depth after a sleep.
static u64 deepest(const struct pt_regs* regs) { return regs->a0 > regs->a5 ? regs->a0 : regs->a5; }

void system_call(struct thread* t, struct pt_regs* regs) {
    u64 depth = regs->a0;
    u64 frame_bytes = regs->a1;
    u64 result = 0;

    if (regs->a7 != OP_EXIT && !policy_ensure(t, deepest(regs))) {
        regs->a0 = -ENOMEM;
        return;
    }
    switch (regs->a7) {
        case OP_CALL:
            go_deep(t, depth, frame_bytes);
            break;
        case OP_SLEEP:
            sleep_deep(t, &(struct sleep){
                              .depth = depth,
                              .sleep_depth = regs->a2,
                              .depth_after = regs->a5,
                              .frame_bytes = frame_bytes,
                              .ticks = regs->a3,
                              .further = regs->a4,
                          });
            break;
        case OP_YIELD:
            go_deep(t, depth, frame_bytes);
            if (policy_yields_at_exit(t)) {
                t->need_resched = 1;
            } else {
                schedule();
            }
            break;
        case OP_FENCE:
            go_deep(t, depth, frame_bytes);
            fence_on_others(t, regs->a4);
            break;
#ifdef WAIT_OPERATIONS
        case OP_WAIT:
            wait_deep(t, &(struct wait){
                             .depth = depth,
                             .wait_depth = regs->a2,
                             .depth_after = regs->a5,
                             .frame_bytes = frame_bytes,
                             .further = regs->a4,
                         });
            break;
        case OP_WAKE:
            go_deep(t, depth, frame_bytes);
            wake_waiter(thread_of_workload(regs->a4));
            break;
#endif
        case OP_EXIT:
            exit_user_thread(regs->a0, regs->a1);
            break;
        default:
            result = -ENOSYS;
    }
    regs->a0 = result;
}

static void spin(u32 iterations) {
    for (u32 i = 0; i < iterations; i++) {
        asm volatile("");
    }
}

void kernel_thread_walk_ops(void* argument) {
    struct thread* t = argument;
    const struct workload_op* first = workload_ops(workload_thread(t->index)->first_op);
    for (const struct workload_op* op = first; op->kind != OP_EXIT; op++) {
        spin(op->user_work);
        if (op->kind == OP_CALL || op->kind == OP_YIELD) {
            go_deep(t, op->depth, op->frame_bytes);
        } else if (op->kind == OP_SLEEP) {
            sleep_deep(t, &(struct sleep){
                              .depth = op->depth,
                              .sleep_depth = op->sleep_depth,
                              .depth_after = op->depth_after,
                              .frame_bytes = op->frame_bytes,
                              .ticks = op->sleep_ticks,
                              .further = op->harts,
                          });
        } else if (op->kind == OP_FENCE) {
            go_deep(t, op->depth, op->frame_bytes);
            fence_on_others(t, op->harts);
        }
        if (op->kind == OP_YIELD || t->need_resched) {
            schedule();
        }
    }
    __atomic_fetch_sub(&live_threads, 1, __ATOMIC_RELEASE);
    thread_exit();
}
