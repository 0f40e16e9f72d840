/* P7-accessed: P7, of pages whose A is clear; where it is set it is cleared, and fenced. */
#include "p1.inc"
#define RUNS(h, t)          at[t] = h
#define COLLECTED(h, t)     (at[t] == h && !live[t])
#define COLLECT(h, t) \
    if \
    :: accessed[t] -> d_step { set_entry(t, pte[t], 0) }; fence_on_all(h, t) \
    :: else -> take_away(h, t); fence_on_all(h, t); give_to_pool(h) \
    fi
#include "../kernel.pml"
