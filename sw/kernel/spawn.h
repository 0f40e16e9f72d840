// Creation of the workload's threads: those without a delay at boot, the others when it is time.
#pragma once

#include "thread.h"

void spawn_workload(void);

struct process* process_of_workload(unsigned index);

// delays count from here. Interrupts are off.
void spawn_begin_delays(void);

// a timer found that `t`, which has no stack yet, is due. Interrupts are off.
void spawn_request(struct thread* t);
