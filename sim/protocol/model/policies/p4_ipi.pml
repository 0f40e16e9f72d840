/* P4-ipi: all harts fence before anybody gets the page. */
#include "p4.inc"
#define SWITCH_IN(h, t) MAP_AT_FIRST_RUN(h, t)
#define UNMAP(h, t)     take_away(h, t); fence_on_all(h, t); give(h, origin[t])
#include "../kernel.pml"
