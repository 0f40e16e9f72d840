// Use of the kernel stack, as much of it as the workload says.
#pragma once

#include "thread.h"

// Uses the stack of `t`, who is the current thread, down to `depth` bytes below its top, in frames
// of `frame_bytes`, and comes back. Each frame is written on the way down and verified on the way
// up. Below what the caller uses already, nothing happens.
void go_deep(struct thread* t, u64 depth, u64 frame_bytes);

// Goes `depth` deep, comes back to `sleep_depth` and sleeps there until `ticks` of mtime from now.
void sleep_deep(struct thread* t, u64 depth, u64 sleep_depth, u64 frame_bytes, u64 ticks);
