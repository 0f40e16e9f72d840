/* What TLBs may hold, and what must never happen. Part of kernel.pml. */

/* A TLB may hold what the entry has been since its hart fenced. With speculation that is put down
 * when the entry changes: until then a fill can come at any time, and that entry is left out. */
#define FILLS(t)    (pte[t] == MISSING -> negative : (accessed[t] || unaccessed))

inline set_entry(t, page, a) {
    if
    :: speculation && FILLS(t) ->
        for (i : 0 .. HARTS - 1) {
            MAY_USE(i, t) = MAY_USE(i, t) | SET(pte[t])
        }
    :: else
    fi;
    pte[t] = page;
    accessed[t] = a;
    if
    :: speculation && FILLS(t) ->
        for (i : 0 .. HARTS - 1) {
            MAY_USE(i, t) = MAY_USE(i, t) & ~SET(page)
        }
    :: else
    fi;
    i = 0
}

/* Harmful: hart h may reach a page that another stack has by now, where it means that of t. */
inline check_stale(h, t) {
    use = MAY_USE(h, t) | SET(pte[t]);
    others = 0;
    for (i : 0 .. THREADS - 1) {
        if
        :: i != t -> others = others | SET(pte[i])
        :: else
        fi
    }
    i = 0;
    assert(!(use & others & ~SET(MISSING)) /* HARMFUL */);
    others = 0
}

/* Fault: the access traps, and nothing mends that. */
inline check_present(h, t) {
    assert(pte[t] != MISSING /* MISSING */);
    assert(!(use & SET(MISSING)) || fence_pending[h] /* REMEMBERED */)
}

inline access(h, t) {
    check_stale(h, t);
    check_present(h, t);
    if
    :: use & SET(MISSING) ->    /* the trap finds that a fence is pending, and makes it */
        fence_pending[h] = 0;
        for (i : 0 .. THREADS - 1) {
            MAY_USE(h, i) = 0
        }
        i = 0
    :: else
    fi;
    use = 0;
    accessed[t] = 1;
    MAY_USE(h, t) = (speculation -> MAY_USE(h, t) & ~SET(pte[t]) : MAY_USE(h, t) | SET(pte[t]))
}

/* Every page is in one list, or in one stack, and in one only. */
inline check_pages() {
    use = pool;
    sum = pool;
    for (i : 0 .. HARTS - 1) {
        use = use | cache[i] | aside[i] | (SET(hand[i]) & ALL_PAGES);
        sum = sum + cache[i] + aside[i] + (SET(hand[i]) & ALL_PAGES)
    }
    for (i : 0 .. THREADS - 1) {
        use = use | (SET(pte[i]) & ALL_PAGES);
        sum = sum + (SET(pte[i]) & ALL_PAGES)
    }
    assert(use == ALL_PAGES && sum == ALL_PAGES /* PAGES */);
    i = 0;
    use = 0;
    sum = 0
}
