#include "syscall.h"

#include "deep.h"
#include "policy.h"
#include "sched.h"
#include "workload.h"

#define ENOSYS 38

// The user program says in a0 and a1 what it has done; the self-check compares in the end.
static void exit_user_thread(u64 calls, u64 faults) {
    __atomic_fetch_add(&completed_calls, calls, __ATOMIC_RELAXED);
    __atomic_fetch_add(&completed_faults, faults, __ATOMIC_RELAXED);
    __atomic_fetch_sub(&live_threads, 1, __ATOMIC_RELEASE);
    thread_exit();
}

void system_call(struct thread* t, struct pt_regs* regs) {
    u64 depth = regs->a0;
    u64 frame_bytes = regs->a1;
    u64 result = 0;

    switch (regs->a7) {
        case OP_CALL:
            policy_ensure(t, depth);
            go_deep(t, depth, frame_bytes);
            break;
        case OP_SLEEP:
            policy_ensure(t, depth);
            sleep_deep(t, depth, regs->a2, frame_bytes, regs->a3);
            break;
        case OP_YIELD:
            policy_ensure(t, depth);
            go_deep(t, depth, frame_bytes);
            schedule();
            break;
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
            sleep_deep(t, op->depth, op->sleep_depth, op->frame_bytes, op->sleep_ticks);
        }
        if (op->kind == OP_YIELD || t->need_resched) {
            schedule();
        }
    }
    __atomic_fetch_sub(&live_threads, 1, __ATOMIC_RELEASE);
    thread_exit();
}
