// Begin and end of a run.
#pragma once

#include "thread.h"

extern struct thread idle_threads[NR_HARTS];

// no thread is left but the idle ones.
bool workload_finished(void);

// checks, reports, and shuts the machine down.
void finish_run(void) __attribute__((noreturn));
