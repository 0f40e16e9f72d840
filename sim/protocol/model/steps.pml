/* The steps that hooks consist of; h, or `by`, is the hart that does them. Part of kernel.pml. */

/* Two pages of a list that no TLB tells apart are alike: the first of them is taken. */
#define EDGES(n)        (may_use[n] ^ (may_use[n] >> 1))
#if HARTS * THREADS == 4
#define ALL_EDGES       (EDGES(0) | EDGES(1) | EDGES(2) | EDGES(3))
#else
#define ALL_EDGES       (EDGES(0) | EDGES(1) | EDGES(2) | EDGES(3) | EDGES(4) | EDGES(5))
#endif
#define UNLIKE_THE_ONE_BEFORE(page, from) \
    (!(from & SET(page - 1)) || (ALL_EDGES & SET(page - 1)))

inline map_page(h, t, page, from, a, condition) {
    d_step {
        (pte[t] == MISSING && (from & SET(page)) && (condition)) ->
        from = from & ~SET(page);
        top[h] = MISSING;
        set_entry(t, page, a);
        MAPPED(h, t);
        printf("STEP %d %d %d maps PAGE\n", h, t, page)
    }
}

#define IS_NEXT(h, page, from) \
    (top[h] == page || (top[h] == MISSING && UNLIKE_THE_ONE_BEFORE(page, from)))

/* From the cache of the hart: what was put there last. Where that is not known, any other page, or
 * one of the pool, from which the cache was filled just before. */
inline map_with(h, t, a) {
    if
    :: map_page(h, t, 1, cache[h], a, IS_NEXT(h, 1, cache[h]))
    :: map_page(h, t, 2, cache[h], a, IS_NEXT(h, 2, cache[h]))
    :: map_page(h, t, 3, cache[h], a, IS_NEXT(h, 3, cache[h]))
    :: map_page(h, t, 4, cache[h], a, IS_NEXT(h, 4, cache[h]))
    :: map_page(h, t, 1, pool, a, top[h] == MISSING && UNLIKE_THE_ONE_BEFORE(1, pool))
    :: map_page(h, t, 2, pool, a, top[h] == MISSING && UNLIKE_THE_ONE_BEFORE(2, pool))
    :: map_page(h, t, 3, pool, a, top[h] == MISSING && UNLIKE_THE_ONE_BEFORE(3, pool))
    :: map_page(h, t, 4, pool, a, top[h] == MISSING && UNLIKE_THE_ONE_BEFORE(4, pool))
    fi
}

inline map(h, t)            { map_with(h, t, ACCESSED) }
inline map_unaccessed(h, t) { map_with(h, t, NOT_ACCESSED) }

inline take_away(h, t)      { take_away_if(h, t, true) }

inline take_away_if(h, t, condition) {
    d_step {
        (condition) ->
        hand[h] = pte[t];
        set_entry(t, MISSING, 0);
        printf("STEP %d %d %d unmaps PAGE\n", h, t, hand[h])
    }
}

inline fence(h, t) {
    d_step {
        MAY_USE(h, t) = 0;
        printf("STEP %d %d 9 fences\n", h, t)
    }
}

/* Of all stacks. */
inline fence_everything(h) {
    d_step {
        for (i : 0 .. THREADS - 1) {
            MAY_USE(h, i) = 0
        }
        i = 0;
        printf("STEP %d 9 9 fences\n", h)
    }
}

/* The hart that asks waits for all others. */
inline fence_on_all(h, t) {
    fence(0, t);
    fence(1, t)
#if HARTS > 2
    ; fence(2, t)
#endif
}

inline give_to_pool(by) {
    d_step {
        pool = pool | (SET(hand[by]) & ALL_PAGES);
        printf("STEP %d 9 %d gives PAGE to the pool\n", by, hand[by]);
        hand[by] = MISSING
    }
}

inline set_aside(by) {
    d_step {
        aside[by] = aside[by] | (SET(hand[by]) & ALL_PAGES);
        printf("STEP %d 9 %d sets PAGE aside\n", by, hand[by]);
        hand[by] = MISSING
    }
}

/* To the cache of hart c, or, where that is another hart, to its inbox, below the cache. */
inline put(by, c) {
    cache[c] = cache[c] | (SET(hand[by]) & ALL_PAGES);
    top[c] = (c == by && !reorder -> hand[by] : top[c]);
    printf("STEP %d 9 %d gives PAGE to hart %d\n", by, hand[by], c);
    hand[by] = MISSING
}

inline give_to_cache(by, c) { d_step { put(by, c) } }

/* What a full cache has goes to the pool before. */
inline give_to_full_cache(by, c) {
    d_step {
        (drains && cache[c]) ->
        pool = pool | cache[c];
        cache[c] = 0;
        put(by, c)
    }
}

inline give(by, c) {
    if
    :: give_to_cache(by, c)
    :: give_to_full_cache(by, c)
    fi
}
