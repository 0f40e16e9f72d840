/* P4-shared: the other harts fence only if an object on the stack was in reach of them since it was
 * mapped. */
#include "p4.h"
#define SWITCH_IN(h, t) MAP_AT_FIRST_RUN(h, t)
#define SLEEP_DEEP(t)   word[t] = shared
#define UNMAP(h, t)     take_away(h, t); \
    if \
    :: word[t] -> word[t] = 0; fence_on_all(h, t) \
    :: else \
    fi; \
    give(h, origin[t])
#include "../kernel.pml"
