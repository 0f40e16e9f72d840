/* P2: maps at switch-in; after the switch an entry goes whose A was found clear. Between the load
 * and the store a walker may set it. */
#include "p2.inc"
#define FINISH_SWITCH(h, t) \
    if \
    :: !accessed[t] -> take_away(h, t); give(h, h) \
    :: accessed[t] \
    fi
#include "../kernel.pml"
