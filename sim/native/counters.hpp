#pragma once

#include <array>
#include <cstdint>

namespace dynstack {

inline constexpr unsigned kCauses = 16;     // rtl/trace/cycle.py: StallCause
inline constexpr unsigned kEvents = 9;      // rtl/trace/cycle.py: EventSignature, in its order
inline constexpr unsigned kPrivileges = 4;  // 0: U, 1: S, 3: M

// What a hart has done since reset; the difference of two is what it did between.
struct Counters {
    std::uint64_t cycles = 0;
    std::uint64_t instructions = 0;
    std::array<std::uint64_t, kCauses> stalls{};
    std::array<std::uint64_t, kEvents> events{};

    Counters& operator+=(const Counters& other) {
        cycles += other.cycles;
        instructions += other.instructions;
        for (unsigned i = 0; i < kCauses; ++i) stalls[i] += other.stalls[i];
        for (unsigned i = 0; i < kEvents; ++i) events[i] += other.events[i];
        return *this;
    }

    Counters& operator-=(const Counters& other) {
        cycles -= other.cycles;
        instructions -= other.instructions;
        for (unsigned i = 0; i < kCauses; ++i) stalls[i] -= other.stalls[i];
        for (unsigned i = 0; i < kEvents; ++i) events[i] -= other.events[i];
        return *this;
    }

    friend Counters operator-(Counters left, const Counters& right) { return left -= right; }
};

// The same cycles and events, by the mode they were spent in.
struct PrivilegeCounters {
    std::array<std::array<std::uint64_t, kCauses>, kPrivileges> stalls{};
    std::array<std::array<std::uint64_t, kEvents>, kPrivileges> events{};

    friend PrivilegeCounters operator-(PrivilegeCounters left, const PrivilegeCounters& right) {
        for (unsigned p = 0; p < kPrivileges; ++p) {
            for (unsigned i = 0; i < kCauses; ++i) left.stalls[p][i] -= right.stalls[p][i];
            for (unsigned i = 0; i < kEvents; ++i) left.events[p][i] -= right.events[p][i];
        }
        return left;
    }
};

}  // namespace dynstack
