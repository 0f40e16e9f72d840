// Work for the harts other than 0.
#include "harts.h"

struct job {
    work* what;
    u64 argument, result;
    u64 given, done;  // counts
} __attribute__((aligned(64)));

static volatile struct job jobs[MOST_HARTS];
static volatile u64 arrived;

// Where the host leaves the number of harts (suite.py); zero where there is no host to do it.
#define ASKED_HARTS (*(volatile u64*)0x87000018)
#define PATIENCE 20000

u64 harts(void) {
    for (u64 waited = 0; ASKED_HARTS ? arrived + 1 < ASKED_HARTS : waited < PATIENCE; waited++) {
        if (arrived + 1 == MOST_HARTS) break;
    }
    return arrived + 1;
}

void wait_for_work(u64 hart) {
    volatile struct job* job = &jobs[hart];
    amoadd(&arrived, 1);
    for (u64 next = 1;; next++) {
        while (job->given != next) relax();
        fence();
        job->result = job->what(job->argument);
        fence();
        job->done = next;
    }
}

void begin(u64 hart, work* what, u64 argument) {
    volatile struct job* job = &jobs[hart];
    job->what = what;
    job->argument = argument;
    fence();
    job->given = job->done + 1;
}

u64 finish(u64 hart) {
    volatile struct job* job = &jobs[hart];
    while (job->done != job->given) relax();
    fence();
    return job->result;
}

u64 together(work* what) {
    EACH_OTHER(hart) begin(hart, what, hart);
    u64 result = what(0);
    EACH_OTHER(hart) {
        u64 others = finish(hart);
        if (!result) result = others;
    }
    return result;
}

void meet(struct meeting* where) {
    fence();
    u64 turn = *(volatile u64*)&where->left;
    if (amoadd(&where->arrived, 1) == harts() - 1) {
        where->arrived = 0;
        fence();
        *(volatile u64*)&where->left = turn + 1;
    } else {
        while (*(volatile u64*)&where->left == turn) relax();
    }
    fence();
}

void exit_image(u64 code);

void end_unexpectedly(u64 hart, u64 cause, u64 epc, u64 tval) {
    put_string("\nhart ");
    put_number(hart);
    put_string(": FAIL unexpected trap, cause ");
    put_number(cause);
    put_string(" epc ");
    put_number(epc);
    put_string(" tval ");
    put_number(tval);
    put_string("\n");
    exit_image(1);
}
