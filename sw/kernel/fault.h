// Page faults of user memory.
#pragma once

#include "thread.h"

void user_page_fault(struct thread* t, struct pt_regs* regs);
