#pragma once

#include <cstdint>

namespace golden {

// Instructions that lockstep treats in their own way, recognised by their bits.

inline constexpr std::uint64_t PTE_PPN_FIELD = 0x003f'ffff'ffff'fc00;

inline bool is_csr_instruction(std::uint64_t insn) {
    constexpr std::uint64_t kSystem = 0x73;
    return (insn & 0x7f) == kSystem && (insn >> 12 & 3) != 0;
}

inline std::uint64_t csr_of(std::uint64_t insn) { return insn >> 20 & 0xfff; }

// mcycle, mhpmcounter3..31 and time, by any of their addresses. Instructions are counted here too.
inline bool is_timing_counter(std::uint64_t csr) {
    constexpr std::uint64_t kInstret = 2;
    const std::uint64_t number = csr & 0x1f;
    return (csr - number == 0xb00 || csr - number == 0xc00) && number != kInstret;
}

inline bool is_atomic(std::uint64_t insn, std::uint64_t funct5) {
    constexpr std::uint64_t kAmo = 0x2f;
    return (insn & 0x7f) == kAmo && (insn >> 27 & 0x1f) == funct5;
}
inline bool is_lr(std::uint64_t insn) { return is_atomic(insn, 0b00010); }
inline bool is_sc(std::uint64_t insn) { return is_atomic(insn, 0b00011); }

// sfence.vma or sinval.vma of all addresses and all ASIDs.
inline bool is_full_fence(std::uint64_t insn) {
    constexpr std::uint64_t kSfenceVma = 0x12000073, kSinvalVma = 0x16000073;
    return insn == kSfenceVma || insn == kSinvalVma;
}

}  // namespace golden
