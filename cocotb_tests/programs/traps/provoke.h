// Every exception that can be had in every mode, with what its handler has to find.
#pragma once

#include "../env/vm.h"

#define HOLE 0x18000000ull  // physical addresses at which there is nothing

struct provocation {
    u64 cause;
    u64 code;  // where to begin
    u64 a0;
    u64 epc;
    u64 tval;
};

// Tables for provocation_of(): with them S- and U-mode run at mapped addresses.
void provoke_setup(void);

// Returns false where the mode cannot raise the cause.
bool provocation_of(enum mode mode, u64 cause, struct provocation* how);

static inline struct outcome provoke(enum mode mode, const struct provocation* how) {
    return run_at(mode, how->code, how->a0, 0);
}
