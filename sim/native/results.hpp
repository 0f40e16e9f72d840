#pragma once

#include <string>

#include "machine.hpp"

namespace dynstack {

// Writes what a run brought back, as sim/machine.py reads it: phases.bin (an array of Sample),
// console.txt, and result.json. Throws Refusal where a file cannot be written.
void write_results(const Machine& machine, const std::string& directory);

}  // namespace dynstack
