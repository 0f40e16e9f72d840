#pragma once

#include <cstdint>
#include <vector>

#include "job.hpp"
#include "memory.hpp"

namespace dynstack {

// Value of a watched range, and its sum over the cycles since start().
struct Watched {
    std::uint64_t value = 0;
    std::uint64_t since = 0;  // first cycle that is not in the integral yet
    std::uint64_t integral = 0;
    std::uint64_t minimum = 0;
    std::uint64_t maximum = 0;
    std::uint64_t last = 0;  // value when the integral ended
};

// Keeps the values of memory ranges as stores are performed, without reading the ranges again. A
// store that is shown in cycle N changes the value from cycle N + 1 on.
class Watches {
  public:
    // Throws Refusal where a range is not DRAM or not made of 64-bit words.
    Watches(const std::vector<WatchProbe>& probes, const Memory& memory);

    // Integrals start with cycle `first`.
    void start(std::uint64_t first);
    // Integrals end with cycle `last`.
    void stop(std::uint64_t last);

    bool overlap(std::uint64_t address, std::uint64_t length) const {
        return address < high_ && address + length > low_;
    }

    // Around a store in this cycle to a place that overlap() has confirmed.
    void before_store(std::uint64_t address, std::uint64_t length, std::uint64_t cycle);
    void after_store(std::uint64_t address, std::uint64_t length);

    const std::vector<Watched>& values() const { return watched_; }

  private:
    template <typename Visit>
    void for_each_word(std::uint64_t address, std::uint64_t length, Visit visit);
    void integrate(Watched& watched, std::uint64_t end) const;

    const std::vector<WatchProbe>& probes_;
    const Memory& memory_;
    std::vector<Watched> watched_;
    bool counting_ = false;
    std::uint64_t low_ = ~0ull;  // bounds of all ranges
    std::uint64_t high_ = 0;
};

}  // namespace dynstack
