/* P11-epoch: P4, and a page that another hart unmapped waits there for a fence of everything. The
 * hart of the exit counts as fenced, for the next entry is there; others fence on arrival. */
#include "p4.inc"
#define SWITCH_IN(h, t) MAP_AT_FIRST_RUN(h, t)
#define UNMAP(h, t) \
    take_away(h, t); \
    fenced_on[t] = SET(h); \
    if \
    :: origin[t] == h -> \
        if \
        :: give_to_cache(h, h) \
        :: drains && cache[h] -> fence_everything(h); give_to_full_cache(h, h) \
        fi \
    :: else -> \
        page_origin[hand[h]] = origin[t]; \
        set_aside(h) \
    fi
#define BACKGROUND(h) \
    aside[h] != 0 -> \
    fence_everything(h); \
    d_step { \
        for (i : 1 .. PAGES) { \
            if \
            :: aside[h] & SET(i) -> \
                cache[page_origin[i]] = cache[page_origin[i]] | SET(i); \
                page_origin[i] = 0 \
            :: else \
            fi \
        } \
        i = 0; \
        aside[h] = 0 \
    }
#include "../kernel.pml"
