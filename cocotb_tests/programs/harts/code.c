// Code that another hart has written: the I$ is not snooped, fence.i empties it.
#include "../env/harts.h"

static u32 code[1024] __attribute__((aligned(4096)));
static volatile u64 step __attribute__((aligned(64)));

// li a0, n; ret
static void write_function(u64 n) {
    ((volatile u32*)code)[0] = 0x00000513 | n << 20;
    ((volatile u32*)code)[1] = 0x00008067;
}

static u64 call(void) { return ((u64 (*)(void))code)(); }

static u64 reach(u64 number) {
    while (step != number) relax();
    fence();
    return 0;
}

static void pass(u64 number) {
    fence();
    step = number;
}

static u64 run_what_is_written(u64 unused) {
    (void)unused;
    for (u64 round = 0; round < 20; round++) {
        reach(2 * round + 1);
        fence_i();
        u64 got = call();
        if (got != round) return mismatch(__LINE__, got, round);
        pass(2 * round + 2);
    }
    return 0;
}

TEST(fence_i_shows_what_another_hart_wrote) {
    step = 0;
    begin(1, run_what_is_written, 0);
    for (u64 round = 0; round < 20; round++) {
        write_function(round);
        pass(2 * round + 1);
        reach(2 * round + 2);
    }
    return finish(1);
}

static u64 run_twice(u64 unused) {
    (void)unused;
    fence_i();
    u64 before = call();
    pass(1);
    reach(2);
    u64 cached = call();
    fence_i();
    u64 now = call();
    if (before != 1) return mismatch(__LINE__, before, 1);
    if (now != 2) return mismatch(__LINE__, now, 2);
    return cached == 1 ? 0 : SKIP;
}

TEST(without_fence_i_a_hart_runs_what_it_has_cached) {
    step = 0;
    write_function(1);
    begin(1, run_twice, 0);
    reach(1);
    write_function(2);
    pass(2);
    return finish(1);
}
