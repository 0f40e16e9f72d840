#pragma once

#include <cstdint>

#include "golden_abi.hpp"
#include "hart.hpp"
#include "world.hpp"

namespace golden {

// What other harts did to memory, as the ports of this hart show it: Spike's memory holds what this
// hart has written, loaded, or found on its walks. That these are values which memory had at the
// time is for others to check: sim/native/memory_order.hpp, and the oracle of translations.
class Foreign {
  public:
    struct Counts {
        std::uint64_t values = 0;
        std::uint64_t instructions = 0;
        std::uint64_t translations = 0;
    };

    Foreign(World& world, Hart& hart) : world_(world), hart_(hart) {}

    // Puts a PTE where the walker has seen it; returns whether there was another.
    bool walked(std::uint64_t address, std::uint64_t pte);

    // Puts the value that a load, LR or AMO has read where it was read; returns whether there was
    // another.
    bool loaded(const GoldenRecord& record);

    // Where Spike is to be led for this record: where its fetch or its access would go elsewhere.
    Guide guide(const GoldenRecord& record);

    const Counts& counts() const { return counts_; }

  private:
    // Returns whether that changed anything.
    bool write(std::uint64_t address, std::uint64_t value, std::uint64_t bytes);
    bool walks_to(std::uint64_t vaddr, std::uint64_t pte, std::uint64_t level);
    bool may_hold(std::uint64_t vaddr, std::uint64_t paddr, access_type type) const;
    void guide_fetch(const GoldenRecord& record, Guide& guide);
    void guide_data(const GoldenRecord& record, Guide& guide);

    World& world_;
    Hart& hart_;
    Counts counts_;
};

}  // namespace golden
