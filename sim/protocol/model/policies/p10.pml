/* P10: P3. Where pages are short the thread waits here under every policy. */
#include "p3.inc"
#define FINISH_SWITCH(h, t) UNMAP_BELOW_SP(h, t)
#include "../kernel.pml"
