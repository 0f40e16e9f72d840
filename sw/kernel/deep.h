// Use of the kernel stack, as much of it as the workload says.
#pragma once

#include "thread.h"

// Uses the stack of `t`, who is the current thread, down to `depth` bytes below its top, in frames
// of `frame_bytes`, and comes back. Each frame is written on the way down and verified on the way
// up. Below what the caller uses already, nothing happens.
void go_deep(struct thread* t, u64 depth, u64 frame_bytes);

// walk.S: the same down to the address `bottom`; calls `at_bottom` there unless it is NULL.
void stack_walk(u64 bottom, u64 frame_bytes, void (*at_bottom)(void*), void* argument);

// A word of a stack is not what its thread has left there: ends the run, or is counted where the
// workload says so; then who found it goes on.
void stack_pattern_lost(u64 address, u64 found, u64 expected);

// A sleep inside the kernel: use of the stack before, during and after, in bytes from its top.
struct sleep {
    u64 depth;
    u64 sleep_depth;
    u64 depth_after;  // 0: comes back without using more
    u64 frame_bytes;
    u64 ticks;    // of mtime, until it wakes
    u64 further;  // how many harts after this one it goes on then
};

void sleep_deep(struct thread* t, const struct sleep* sleep);

// frames that did not hold what their thread had left there, if the workload has them counted.
extern u64 damaged_frames;
