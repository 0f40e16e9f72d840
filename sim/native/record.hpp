#pragma once

#include <array>
#include <cstdint>

namespace dynstack {

// The fields of a record of the retire port (rtl/trace/retire.py) that the collector uses.
struct Record {
    std::uint64_t pc;
    std::uint32_t insn;
    std::uint8_t privilege;
    bool trap;
    bool rd_valid;
    std::uint8_t rd;
    std::uint64_t rd_data;
    std::uint64_t cause = 0;  // of a trap

    bool is_trap_return() const {
        constexpr std::uint32_t kMret = 0x30200073, kSret = 0x10200073;
        return !trap && (insn == kMret || insn == kSret);
    }
};

// Integer registers as of the records seen so far.
using Registers = std::array<std::uint64_t, 32>;
inline constexpr unsigned kRa = 1, kSp = 2, kTp = 4, kA0 = 10;

}  // namespace dynstack
