/* P12: P1, and after the switch what lies below sp goes, with a fence on this hart. */
#include "p1.inc"
#define FINISH_SWITCH(h, t) \
    if \
    :: !live[t] && pte[t] != MISSING -> \
        take_away(h, t); \
        fence(h, t); \
        fenced_on[t] = SET(h); \
        give(h, h) \
    :: else \
    fi
#include "../kernel.pml"
