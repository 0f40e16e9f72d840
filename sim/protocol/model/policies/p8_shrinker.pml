/* P8-shrinker: pages with A clear go when the pool is empty, from threads that are kept from being
 * run meanwhile; all harts fence before anybody gets the page. */
#include "p2.inc"
#define CREATED_WITH    NOT_ACCESSED
#define CREATE(h, t)    map_unaccessed(h, t); fence(h, t)
#define COLLECTED(h, t) !accessed[t]
#define COLLECT(h, t) \
    take_away(h, t); \
    fenced_on[t] = 0; \
    fence_on_all(h, t); \
    give_to_pool(h)
#include "../kernel.pml"
