/* P8: created complete. As P2, a page goes after the switch whose A was found clear, and the next
 * switch-in maps another. */
#define CREATED_WITH    NOT_ACCESSED
#define CREATE(h, t)    map_unaccessed(h, t); fence(h, t)
#include "p2.pml"
