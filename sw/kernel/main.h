// Begin and end of a run.
#pragma once

#include "riscv.h"

// no thread of the workload is left.
bool workload_finished(void);

// checks, reports, and shuts the machine down.
void finish_run(void) __attribute__((noreturn));
