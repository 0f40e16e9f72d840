/* P1-reserve: P1. How many pages the array of a hart holds makes no difference here. */
#include "p1.inc"
#include "../kernel.pml"
