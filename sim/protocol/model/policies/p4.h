/* What P4 and its variants share: maps at entry, the first time at switch-in, and fences on this
 * hart. What happens to the page at exit is the variant's UNMAP, and at the thread's end as well. */
#define MAPPED(h, t)    origin[t] = h
#ifndef RUNS
#define RUNS(h, t)      has_run[t] = 1
#endif
#define ENTER(h, t)     map(h, t); fence(h, t)
#define MAP_AT_FIRST_RUN(h, t) \
    if \
    :: !has_run[t] -> map(h, t); fence(h, t) \
    :: else \
    fi
#define LEAVE(h, t)     UNMAP(h, t)
#define REAP(h, t)      UNMAP(h, t)
