/* P9: threads have no stack but that of the hart they are on, and nothing of theirs is on it while
 * they wait. So what the model calls a thread is here the stack of a hart, which stays there. */
#define CREATED_WITH        ACCESSED
#define CREATE(h, t)        map(h, t); fence(h, t)
#define MAY_RUN_ON(h, t)    (t == h)
#define MAY_SLEEP_DEEP(t)   false
#include "../kernel.pml"
