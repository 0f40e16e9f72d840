/* P4-local: the page goes to the hart that the thread leaves the kernel on. */
#include "p4.inc"
#define SWITCH_IN(h, t) MAP_AT_FIRST_RUN(h, t)
#define UNMAP(h, t)     take_away(h, t); give(h, h)
#include "../kernel.pml"
