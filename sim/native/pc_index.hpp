#pragma once

#include <bitset>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace dynstack {

// Numbers attached to instruction addresses; a bitmap answers the usual "none" at once.
class PcIndex {
  public:
    void add(std::uint64_t pc, unsigned number) {
        filter_.set(slot(pc));
        numbers_[pc].push_back(number);
    }

    // The bitmap keeps its bit: it may be wrong in this direction.
    void remove(std::uint64_t pc) { numbers_.erase(pc); }

    std::span<const unsigned> at(std::uint64_t pc) const {
        if (!filter_.test(slot(pc))) [[likely]]
            return {};
        const auto found = numbers_.find(pc);
        if (found == numbers_.end()) return {};
        return found->second;
    }

  private:
    static constexpr std::size_t kSlots = 4096;
    static std::size_t slot(std::uint64_t pc) { return (pc >> 1) % kSlots; }

    std::bitset<kSlots> filter_;
    std::unordered_map<std::uint64_t, std::vector<unsigned>> numbers_;
};

}  // namespace dynstack
