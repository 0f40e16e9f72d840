/* What P2, P8 and their variants share: what is mapped at switch-in has A clear, and is fenced
 * there; other harts fence when the thread comes, as this one does if it has not yet. */
#define MAPPED(h, t)    fenced_on[t] = fenced_on[t] & SET(h)
#define FENCE_UNLESS_ON_ARRIVAL(h, t) \
    if \
    :: fenced_on[t] -> fence(h, t) \
    :: else \
    fi
#define SWITCH_IN(h, t) \
    if \
    :: pte[t] == MISSING -> map_unaccessed(h, t); FENCE_UNLESS_ON_ARRIVAL(h, t) \
    :: else \
    fi
