// The frame of a trap, copied to another place.
#pragma once

#include "kernel/thread.h"

_Static_assert(sizeof(struct pt_regs) % 32 == 0, "the frame is copied four words at a time");

// The compiler would call memcpy(), which copies bytes.
static inline void copy_frame(struct pt_regs* to_frame, const struct pt_regs* from_frame) {
    u64* to = (u64*)to_frame;
    const u64* from = (const u64*)from_frame;
    for (u64 i = 0; i < sizeof(struct pt_regs) / sizeof(u64); i += 4) {
        u64 a = from[i], b = from[i + 1], c = from[i + 2], d = from[i + 3];
        to[i] = a;
        to[i + 1] = b;
        to[i + 2] = c;
        to[i + 3] = d;
    }
}
