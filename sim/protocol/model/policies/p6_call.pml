/* P6-call: P1. The fault comes earlier. */
#include "p1.inc"
#include "../kernel.pml"
