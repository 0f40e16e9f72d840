/* P6-irqoff: P1. The fault comes earlier. */
#include "p1.inc"
#include "../kernel.pml"
