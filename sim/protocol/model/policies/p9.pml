/* P9: maps at entry. A thread that must wait leaves the kernel first, and its call begins anew. */
#define ENTER(h, t)     map(h, t); fence(h, t)
#define SWITCH_IN(h, t) \
    if \
    :: !has_run[t] -> map(h, t); fence(h, t) \
    :: else \
    fi
#define RUNS(h, t)      has_run[t] = 1
#define LEAVE(h, t)     take_away(h, t); give(h, h)
#define REAP(h, t)      LEAVE(h, t)
#define WAITS_OUTSIDE
#include "../kernel.pml"
