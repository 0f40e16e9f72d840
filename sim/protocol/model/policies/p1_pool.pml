/* P1-pool: P1. The shared pool of pages is part of the page pool here. */
#include "p1.inc"
#include "../kernel.pml"
