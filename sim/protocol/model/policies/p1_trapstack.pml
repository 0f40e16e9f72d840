/* P1-trapstack: P1. On which stack a trap begins is nothing that a translation depends on. */
#include "p1.inc"
#include "../kernel.pml"
