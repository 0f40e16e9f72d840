/* What the kernel of sw/ does with stack pages, as far as translations depend on it: threads,
 * harts, the entry of one page of each stack, caches of pages, and what TLBs may remember.
 *
 * Below the topmost page, which stays for life, a stack has one page here. A policy is a file in
 * policies/: it defines hooks, as its file in sw/policies/ does, and includes this one. Each hook
 * is a sequence of the steps below; a step is one store to an entry, one fence on one hart, or one
 * move of a page between lists, and other harts may do theirs between any two.
 *
 * Sizes come with -DHARTS=2 -DTHREADS=2 -DPAGES=3. What the machine and the workload may do comes
 * from the environment, so that one program serves all combinations (see `init`).
 *
 * Each step prints a line: STEP hart thread page what. 9 is none; PAGE stands for the page.
 */

#define SET(member)     (1 << (member))
#define NOT_ACCESSED    0
#define ACCESSED        1
#define MISSING         0                       /* for a page: the entry is invalid */
#define ALL_PAGES       (SET(PAGES + 1) - SET(1))
#define ALL_HARTS       (SET(HARTS) - 1)
#define MAY_USE(h, t)   may_use[(h) * THREADS + (t)]

mtype = { WAITING, RUNNING, HELD, GONE };

mtype state[THREADS];   /* HELD: kept from being run by who looks at its stack */
byte at[THREADS];       /* the hart on which it runs, or ran last */
bit has_run[THREADS];
bit live[THREADS];      /* its sp is below the start of the page: the thread needs what is there */

byte pte[THREADS];      /* the page that the entry in memory maps */
bit accessed[THREADS];  /* A of that entry */
byte may_use[HARTS * THREADS];  /* the set of pages, or MISSING, that a TLB may hold */
byte fenced_on[THREADS];        /* thread.stack_fenced_on */

byte pool;              /* sets of pages: the page pool, */
byte cache[HARTS];      /* cache, inbox and reserve of a hart, */
byte top[HARTS];        /* the page that was put into the cache last, and is taken first; */
byte aside[HARTS];      /* what a policy sets aside, */
byte hand[HARTS];       /* and the page that was taken from an entry and is in no list yet */

byte origin[THREADS];   /* words of the policy */
byte word[THREADS];
byte page_origin[PAGES + 1];
bit fence_pending[HARTS];

/* What the machine and the workload may do, constant in each run. */
bit speculation;        /* TLBs fill by themselves, and set A as they do */
bit unaccessed;         /* such fills leave A as it is */
bit negative;           /* TLBs remember that an entry was invalid */
bit shared;             /* harts use objects on the stacks of threads that wait */
bit migration;          /* a thread that waits inside the kernel may go on on another hart */
bit reorder;            /* a hart takes any page of its cache */
bit drains;              /* caches may be full */

/* Used inside a step only, and zero between steps: they add no states. */
byte i, use, others, sum;

#include "translations.pml"

/* ---- hooks that a policy does not define ---- */

#if defined(ENTER) || defined(LEAVE)
#define SEES_USER_MODE          /* else user mode is as good as a call that is not deep */
#endif
#ifndef MAPPED
#define MAPPED(h, t)            /* within the step that maps */
#endif
#ifndef CREATE
#define CREATE(h, t)            /* a new thread gets its stack */
#endif
#ifndef ENTER
#define ENTER(h, t)             /* trap from user mode */
#endif
#ifndef LEAVE
#define LEAVE(h, t)             /* return to user mode */
#endif
#ifndef RUNS
#define RUNS(h, t)              /* within the step that begins to run it */
#endif
#ifndef SWITCH_IN
#define SWITCH_IN(h, t)         /* before the thread's stack is used, on that of the one before */
#endif
#ifndef SWITCH_OUT
#define SWITCH_OUT(h, t)        /* before the stack changes */
#endif
#ifndef FINISH_SWITCH
#define FINISH_SWITCH(h, t)     /* after it has changed; nobody can run the thread yet */
#endif
#ifndef REAP
#define REAP(h, t)              /* the thread is dead and switched out */
#endif
#ifndef MAY_RUN_ON
#define MAY_RUN_ON(h, t)    (at[t] == h || migration)
#endif
#ifndef MAY_SLEEP_DEEP
#define MAY_SLEEP_DEEP(t)   live[t]
#endif
#ifndef USED_BY
#define USED_BY(h, t)           /* within the step in which a hart uses an object on the stack */
#endif
#ifndef MAY_USE_DEPTH
#define MAY_USE_DEPTH(t) true   /* the thread may go below its topmost page */
#endif

#ifdef GROW
#define GROWS   true            /* a trap maps what is missing */
#else
#define GROWS   false
#endif

#include "steps.pml"

/* ---- a hart ---- */

inline resume(h, n) {
    d_step {
        (n < THREADS && state[n] == WAITING && MAY_RUN_ON(h, n)) ->
        check_pages();
        state[n] = RUNNING;
        t = n;
        printf("STEP %d %d 9 goes on\n", h, n)
    }
}

inline use_object_of(h, n) {
    d_step {
        (n < THREADS && shared && state[n] == WAITING && live[n]) ->
        printf("STEP %d %d %d has an object on its stack used, in PAGE\n", h, n, pte[n]);
        access(h, n);
        USED_BY(h, n)
    }
}

inline use_any_object(h) {
    if
    :: use_object_of(h, 0)
    :: use_object_of(h, 1)
    :: use_object_of(h, 2)
    fi
}

/* Takes the stack of a thread that waits, so that nobody runs it meanwhile. */
inline hold(h, n, condition) {
    d_step {
        (n < THREADS && state[n] == WAITING && pte[n] != MISSING && (condition)) ->
        state[n] = HELD;
        t = n
    }
}

/* The address of a dead thread's stack is used again after a fence on all harts. */
inline renew(h, n) {
    d_step { (n < THREADS && state[n] == GONE) -> state[n] = HELD; fenced_on[n] = SET(h); t = n }
}

/* Fences what has changed since the last time here (fence_on_arrival). */
inline run_on(h, t) {
    d_step {
        if
        :: !(fenced_on[t] & SET(h)) ->
            fenced_on[t] = fenced_on[t] | SET(h);
            MAY_USE(h, t) = 0;
            printf("STEP %d %d 9 fences on arrival\n", h, t)
        :: else
        fi;
        RUNS(h, t)
    }
}

inline release(h, t) {
    d_step {
        pool = pool | (SET(pte[t]) & ALL_PAGES);
        set_entry(t, MISSING, 0);
        state[t] = GONE;
        fenced_on[t] = 0;
        has_run[t] = 0;
        word[t] = 0;
        origin[t] = 0;
        printf("STEP %d %d 9 has its stack released\n", h, t)
    }
}

proctype hart(byte h) {
    byte t;

idle:
    if
    :: resume(h, 0)
    :: resume(h, 1)
    :: resume(h, 2)
    :: renew(h, 0) -> goto fresh
    :: renew(h, 1) -> goto fresh
    :: renew(h, 2) -> goto fresh
    :: use_any_object(h) -> goto idle
#ifdef COLLECT
    :: hold(h, 0, COLLECTED(h, 0)) -> goto collect
    :: hold(h, 1, COLLECTED(h, 1)) -> goto collect
    :: hold(h, 2, COLLECTED(h, 2)) -> goto collect
#endif
#ifdef BACKGROUND
    :: BACKGROUND(h) -> goto idle
#endif
    fi;
    SWITCH_IN(h, t);
    run_on(h, t);

kernel:
    if
    :: d_step {     /* a call, or what is left of it, goes deep */
        (MAY_USE_DEPTH(t) && (pte[t] != MISSING || !GROWS)) ->
        printf("STEP %d %d %d goes deep, in PAGE\n", h, t, pte[t]);
        access(h, t);
        live[t] = 1
       } -> goto kernel
#ifdef GROW
    :: d_step {
        pte[t] == MISSING ->
        printf("STEP %d %d 9 goes deep, and traps\n", h, t);
        check_stale(h, t);
        use = 0;
        MAY_USE(h, t) = MAY_USE(h, t) | (negative && !speculation -> SET(MISSING) : 0)
       } -> GROW(h, t) -> goto kernel
#endif
#ifdef ENSURE
    :: ENSURE(h, t) -> goto kernel
#endif
    :: use_any_object(h) -> goto kernel
    :: d_step { MAY_SLEEP_DEEP(t) -> printf("STEP %d %d %d sleeps, and needs PAGE\n", h, t, pte[t]) };
        goto wait
    :: d_step { live[t] = 0; printf("STEP %d %d 9 sleeps, shallow\n", h, t) } -> goto wait
#ifdef SEES_USER_MODE
    :: d_step { live[t] = 0; printf("STEP %d %d 9 returns to user mode\n", h, t) };
        goto leave
#endif
    :: d_step { live[t] = 0; printf("STEP %d %d 9 ends\n", h, t) };
        SWITCH_OUT(h, t);
        FINISH_SWITCH(h, t);
        REAP(h, t);
        release(h, t);
        goto idle
    fi;

wait:
    SWITCH_OUT(h, t);
    FINISH_SWITCH(h, t);
    d_step { state[t] = WAITING; t = 0 };
    goto idle;

#ifdef SEES_USER_MODE
leave:
    LEAVE(h, t);

user:
    if      /* Spin takes no label right before a d_step */
    :: d_step { true -> printf("STEP %d %d 9 enters the kernel\n", h, t) }
    fi;
    ENTER(h, t);
    goto kernel;
#endif

fresh:
    fence_on_all(h, t);
    CREATE(h, t);
    d_step { state[t] = WAITING; printf("STEP %d %d 9 is created\n", h, t); t = 0 };
    goto idle;

#ifdef COLLECT
collect:
    COLLECT(h, t);
    d_step { state[t] = WAITING; t = 0 };
    goto idle
#endif
}

/* A walk that nothing asked for may set A at any time. */
inline walk(n) {
    d_step {
        (n < THREADS && speculation && pte[n] != MISSING && !accessed[n]) ->
        accessed[n] = 1;
        printf("STEP 9 %d %d has A set, by no access, of PAGE\n", n, pte[n])
    }
}

proctype walker() {
    do
    :: walk(0)
    :: walk(1)
    :: walk(2)
    od
}

c_decl { \#include <stdlib.h> }

init {
    byte n;
    c_code {
        now.speculation = getenv("SPECULATION") != NULL;
        now.unaccessed = getenv("UNACCESSED") != NULL;
        now.negative = getenv("NEGATIVE") != NULL;
        now.shared = getenv("SHARED") != NULL;
        now.reorder = getenv("REORDER") != NULL;
        now.drains = getenv("DRAINS") != NULL;
        now.migration = getenv("MIGRATION") != NULL;
    };
    d_step {
        pool = ALL_PAGES;
        for (i : 0 .. THREADS - 1) {
            fenced_on[i] = SET(0);
            state[i] = WAITING;
#ifdef CREATED_WITH
            pool = pool & ~SET(i + 1);
            pte[i] = i + 1;
            accessed[i] = CREATED_WITH;
#endif
        }
        i = 0
    };
    /* A thread that never migrates lives on some hart. */
    do
    :: d_step { n < THREADS -> at[n] = 0; n++ }
    :: d_step { n < THREADS && !migration -> at[n] = HARTS - 1; n++ }
    :: n == THREADS -> break
    od;
    atomic { run walker(); for (n : 0 .. HARTS - 1) { run hart(n) } }
}
