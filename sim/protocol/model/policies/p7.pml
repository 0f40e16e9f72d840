/* P7: P1, and a hart collects what lies below sp of threads that sleep on it; all harts fence
 * before anybody gets the page. */
#include "p1.inc"
#define RUNS(h, t)          at[t] = h
#define COLLECTED(h, t)     (at[t] == h && !live[t])
#define COLLECT(h, t)       take_away(h, t); fence_on_all(h, t); give_to_pool(h)
#include "../kernel.pml"
