#pragma once

#include "ports.hpp"

namespace dynstack {

class Machine;

// Binds the C functions of api.cpp, which cocotb calls through ctypes, to the model.
void bind_api(Model& top);

// The machine of the job that was booted last; none before that.
Machine* current_machine();

}  // namespace dynstack
