/* P1: the first use of a page traps, and the trap maps it, and fences for the invalid entry that
 * the hart may remember. Other harts fence when the thread comes. */
#include "p1.inc"
#include "../kernel.pml"
