/* P5: what was asked for goes at the exit, without a fence. */
#include "p5.inc"
#define LEAVE(h, t) \
    if \
    :: word[t] -> word[t] = 0; take_away(h, t); give(h, h) \
    :: else \
    fi
#define REAP(h, t)  LEAVE(h, t)
#include "../kernel.pml"
