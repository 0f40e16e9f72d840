/* P3: the pages go after the switch. */
#include "p3.inc"
#define FINISH_SWITCH(h, t) UNMAP_BELOW_SP(h, t)
#include "../kernel.pml"
