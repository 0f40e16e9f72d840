/* What P3 and its variants share: a stack is complete while its thread runs. What lies below sp
 * goes when it is switched out, and nothing is fenced then: the next switch-in does. */
#define MAPPED(h, t)    fenced_on[t] = fenced_on[t] & SET(h)
#define SWITCH_IN(h, t) \
    if \
    :: pte[t] == MISSING -> map(h, t); \
        if \
        :: fenced_on[t] -> fence(h, t) \
        :: else                         /* on arrival */ \
        fi \
    :: else \
    fi
#define UNMAP_BELOW_SP(h, t) \
    if \
    :: !live[t] -> take_away(h, t); give(h, h) \
    :: else \
    fi
