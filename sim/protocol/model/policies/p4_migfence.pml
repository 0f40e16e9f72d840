/* P4-migfence: a thread that comes from another hart finds its stack fenced on this one. */
#define RUNS(h, t)      has_run[t] = 1; at[t] = h
#include "p4.inc"
#define SWITCH_IN(h, t) \
    if \
    :: has_run[t] && at[t] != h -> fence(h, t) \
    :: else \
    fi; \
    MAP_AT_FIRST_RUN(h, t)
#define UNMAP(h, t)     take_away(h, t); give(h, origin[t])
#include "../kernel.pml"
