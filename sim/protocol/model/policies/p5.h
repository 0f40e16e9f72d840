/* What P5 and its variants share: a call that goes deep asks for stack first (`word`), which maps
 * it where it is missing. */
#define MAPPED(h, t)        fenced_on[t] = SET(h)
#define MAY_USE_DEPTH(t)    word[t]
#define ENSURE(h, t) \
    d_step { !word[t] -> word[t] = 1; printf("STEP %d %d 9 asks for stack\n", h, t) }; \
    if \
    :: pte[t] == MISSING -> map(h, t); fence(h, t) \
    :: else \
    fi
