/* P3-margin: the pages go before the switch, below a margin that the switch stays within. */
#include "p3.inc"
#define SWITCH_OUT(h, t)    UNMAP_BELOW_SP(h, t)
#include "../kernel.pml"
