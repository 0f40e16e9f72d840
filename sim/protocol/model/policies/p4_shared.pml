/* P4-shared: when the page goes, those other harts fence that used an object on the stack since it
 * was mapped, and those that the thread has left since (`word`). */
#define RUNS(h, t)      has_run[t] = 1; at[t] = h
#include "p4.inc"
#define USED_BY(h, t)   word[t] = word[t] | SET(h)
#define SWITCH_IN(h, t) \
    if \
    :: d_step { has_run[t] && at[t] != h -> word[t] = word[t] | SET(at[t]) } \
    :: else \
    fi; \
    MAP_AT_FIRST_RUN(h, t)
#define FENCE_IF_SHARED_WITH(i, h, t) \
    if \
    :: (word[t] & SET(i)) && i != h -> fence(i, t) \
    :: else \
    fi
#if HARTS > 2
#define FENCE_ON_THIRD_IF_SHARED(h, t) FENCE_IF_SHARED_WITH(2, h, t);
#else
#define FENCE_ON_THIRD_IF_SHARED(h, t)
#endif
#define UNMAP(h, t) \
    take_away(h, t); \
    FENCE_IF_SHARED_WITH(0, h, t); \
    FENCE_IF_SHARED_WITH(1, h, t); \
    FENCE_ON_THIRD_IF_SHARED(h, t) \
    word[t] = 0; \
    give(h, origin[t])
#include "../kernel.pml"
