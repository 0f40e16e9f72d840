/* P11-pending: P1 without fences on arrival; instead a word tells each hart that there are new
 * entries, and a trap there fences. */
#define MAPPED(h, t)    fenced_on[t] = SET(h); word[t] = 1
#define GROW(h, t)      map(h, t); fence(h, t)
#define SWITCH_OUT(h, t) \
    if \
    :: d_step { \
        word[t] -> \
        word[t] = 0; \
        fenced_on[t] = ALL_HARTS; \
        for (i : 0 .. HARTS - 1) { \
            fence_pending[i] = fence_pending[i] | (i != h) \
        } \
        i = 0 \
       } \
    :: else \
    fi
#include "../kernel.pml"
