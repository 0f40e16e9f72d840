/* P4: the page goes back to the hart that it came from. */
#include "p4.inc"
#define SWITCH_IN(h, t) MAP_AT_FIRST_RUN(h, t)
#define UNMAP(h, t)     take_away(h, t); give(h, origin[t])
#include "../kernel.pml"
