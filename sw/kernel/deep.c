#include "deep.h"

#include "console.h"
#include "sched.h"
#include "timer.h"

// walk.S: uses the stack down to `bottom`, calls `at_bottom` there unless it is NULL.
void stack_walk(u64 bottom, u64 frame_bytes, void (*at_bottom)(void*), void* argument);

struct sleep {
    struct thread* thread;
    u64 depth;
    u64 frame_bytes;
    u64 ticks;
};

// Stack between the call of sleep_at_bottom() and the sp that the switch saves: the compiler's
// business, so it is learned from the last time. The first sleep is off by the difference.
static u64 sleep_path_bytes = 96;

__attribute__((noinline)) void go_deep(struct thread* t, u64 depth, u64 frame_bytes) {
    stack_walk(stack_top(t) - depth, frame_bytes, NULL, NULL);
}

static void sleep_at_bottom(void* argument) {
    struct sleep* sleep = argument;
    struct thread* t = sleep->thread;
    go_deep(t, sleep->depth, sleep->frame_bytes);
    sleep_until(time_now() + sleep->ticks);
    sleep_path_bytes = (u64)__builtin_frame_address(0) - t->context.sp;
}

__attribute__((noinline)) void sleep_deep(struct thread* t, u64 depth, u64 sleep_depth,
                                          u64 frame_bytes, u64 ticks) {
    struct sleep sleep = {t, depth, frame_bytes, ticks};
    stack_walk(stack_top(t) - sleep_depth + sleep_path_bytes, frame_bytes, sleep_at_bottom, &sleep);
}

// walk.S found another value in a frame than it had left there.
void stack_pattern_lost(u64 address, u64 found, u64 expected) {
    panic("self-check: stack word at %x is %x, was %x", address, found, expected);
}
