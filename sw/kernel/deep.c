#include "deep.h"

#include "console.h"
#include "policy.h"
#include "sched.h"
#include "smp.h"
#include "timer.h"
#include "workload.h"

u64 damaged_frames WATCHED;

// Stack between the call of sleep_at_bottom() and the sp that the switch saves: the compiler's
// business, so it is learned from the last time. The first sleep is shallower by the difference.
static u64 sleep_path_bytes = 256;

__attribute__((noinline)) void go_deep(struct thread* t, u64 depth, u64 frame_bytes) {
    stack_walk(stack_top(t) - depth, frame_bytes, NULL, NULL);
}

static void sleep_at_bottom(void* argument) {
    const struct sleep* sleep = argument;
    struct thread* t = current_thread();
    go_deep(t, sleep->depth, sleep->frame_bytes);
    enum wait_place place = policy_about_to_block(t);
    if (place == WAIT_OUTSIDE) {
        t->deadline = time_now() + sleep->ticks;
        t->wake_hart = hart_after(t, sleep->further);
        return;
    }
    if (place == WAIT_HERE) {
        sleep_until(time_now() + sleep->ticks, sleep->further);
    }
    if (sleep->depth_after) {
        go_deep(t, sleep->depth_after, sleep->frame_bytes);
    }
    if (place == WAIT_IS_OVER) {
        return;
    }
    u64 bytes = (u64)__builtin_frame_address(0) - t->context.sp;
    if (sleep_path_bytes != bytes) {
        sleep_path_bytes = bytes;  // all harts share it
    }
}

__attribute__((noinline)) void sleep_deep(struct thread* t, const struct sleep* sleep) {
    stack_walk(stack_top(t) - sleep->sleep_depth + sleep_path_bytes, sleep->frame_bytes,
               sleep_at_bottom, (void*)sleep);
}

void stack_pattern_lost(u64 address, u64 found, u64 expected) {
    if (workload_counts_damage) {
        __atomic_fetch_add(&damaged_frames, 1, __ATOMIC_RELAXED);
        return;
    }
    panic("self-check: stack word at %x is %x, was %x", address, found, expected);
}
