#pragma once

#include <cstdint>
#include <string>

#include "golden_abi.hpp"
#include "hart.hpp"

namespace golden {

// One line each, for people. `name` is the disassembled instruction.
std::string difference(const char* what, std::uint64_t rtl, std::uint64_t spike);
std::string text_of(const GoldenRecord& record, const std::string& name);
std::string text_of(const Outcome& outcome, std::uint64_t cycle, const std::string& name);

}  // namespace golden
