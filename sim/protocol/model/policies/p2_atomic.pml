/* P2-atomic: P2, and one AMO finds A clear and takes the entry. */
#include "p2.inc"
#define FINISH_SWITCH(h, t) \
    if \
    :: take_away_if(h, t, !accessed[t]); give(h, h) \
    :: accessed[t] \
    fi
#include "../kernel.pml"
