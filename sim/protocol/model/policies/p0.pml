/* P0: all pages at creation, all freed at exit. */
#define CREATED_WITH    ACCESSED
#define CREATE(h, t)    map(h, t); fence(h, t)
#include "../kernel.pml"
