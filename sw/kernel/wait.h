// Threads that wait for each other, with an object on the stack of who waits that others read: an
// entry of a wait queue.
#pragma once

#include "thread.h"

// Waits until another thread has woken `t`, who is the current one, as often as it has waited. Use
// of the stack in bytes from its top: down to `depth` first, then the entry lies below
// `wait_depth`.
struct wait {
    u64 depth;
    u64 wait_depth;
    u64 depth_after;  // 0: comes back without using more
    u64 frame_bytes;
    u64 further;  // how many harts after this one it goes on then
};

void wait_deep(struct thread* t, const struct wait* wait);

// lets `t` go on, now or when it waits the next time.
void wake_waiter(struct thread* t);
