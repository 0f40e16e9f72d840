#pragma once

#include <algorithm>
#include <cstdint>
#include <unordered_map>

#include "sv39.hpp"

namespace dynstack {

// When a hart last fenced what: the four forms of sfence.vma. ASIDs are those that the hart knows,
// 0 where it has none.
class Fences {
  public:
    struct Operands {
        bool has_vaddr;
        bool has_asid;
        std::uint64_t vaddr;
        std::uint16_t asid;
    };

    void fence(const Operands& operands, std::uint64_t cycle) {
        const unsigned space = operands.has_asid ? operands.asid : kAnySpace;
        if (operands.has_vaddr) {
            for (unsigned size = 0; size < kSizes; ++size) {
                by_page_[key(operands.vaddr, size, space)] = cycle;
            }
        } else if (operands.has_asid) {
            by_space_[space] = cycle;
        } else {
            all_ = cycle;
            by_page_.clear();
            by_space_.clear();
        }
    }

    // Last fence that covers the entries above the leaf: none that names an address.
    std::uint64_t of_pointers(std::uint16_t asid, bool global) const {
        return global ? all_ : std::max(all_, found(by_space_, asid));
    }

    // Last fence that covers this leaf: "except for entries containing global mappings" holds for
    // the two forms that name an ASID.
    std::uint64_t of_leaf(std::uint64_t vaddr, std::uint64_t pte, unsigned level,
                          std::uint16_t asid) const {
        const bool global = pte & sv39::kG;
        const unsigned size = pte & sv39::kN ? kSizes - 1 : level;
        const std::uint64_t any =
            std::max(of_pointers(asid, global), found(by_page_, key(vaddr, size, kAnySpace)));
        return global ? any : std::max(any, found(by_page_, key(vaddr, size, asid)));
    }

  private:
    // 4 KiB, 2 MiB, 1 GiB, and last the 16 KiB of rtl/straps.py: an address covers the page of
    // each size that it lies in.
    static constexpr unsigned kSizes = 4;
    static constexpr unsigned kBelow[kSizes] = {0, 9, 18, 2};
    static constexpr unsigned kAnySpace = 1 << 16;

    static std::uint64_t key(std::uint64_t vaddr, unsigned size, unsigned space) {
        return sv39::vpn(vaddr) >> kBelow[size] | std::uint64_t{size} << 27 |
               std::uint64_t{space} << 29;
    }
    template <typename Map, typename Key>
    static std::uint64_t found(const Map& map, Key key) {
        const auto entry = map.find(key);
        return entry == map.end() ? 0 : entry->second;
    }

    std::uint64_t all_ = 0;
    std::unordered_map<unsigned, std::uint64_t> by_space_;
    std::unordered_map<std::uint64_t, std::uint64_t> by_page_;
};

}  // namespace dynstack
