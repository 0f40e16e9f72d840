#pragma once

#include <cstdint>

namespace dynstack::sv39 {

// Page-table entries and their legality, as rtl/mmu/pte.py and rtl/mmu/permission.py have them.
// Levels count from 0, the table of 4 KiB pages, to 2, the root.

enum Access : std::uint8_t { kFetch, kLoad, kStore };

inline constexpr unsigned kRootLevel = 2;
inline constexpr std::uint64_t kV = 1, kR = 2, kW = 4, kX = 8, kU = 16, kG = 32, kA = 64, kD = 128;
inline constexpr std::uint64_t kRsw = 3ull << 8;  // of software: a walk ignores it
inline constexpr std::uint64_t kN = 1ull << 63;
inline constexpr std::uint64_t kPpn = (1ull << 44) - 1;

// What a translation depends on beside the address.
struct Context {
    std::uint64_t root_ppn;
    std::uint16_t asid;
    std::uint8_t privilege;  // 0: U, 1: S
    bool sum;
    bool mxr;
    bool hardware_ad_update;
};

inline std::uint64_t ppn(std::uint64_t pte) { return pte >> 10 & kPpn; }

inline bool is_leaf(std::uint64_t pte) { return pte & (kR | kX); }

inline bool is_canonical(std::uint64_t vaddr) {
    const std::int64_t upper = static_cast<std::int64_t>(vaddr) >> 38;
    return upper == 0 || upper == -1;
}

inline std::uint64_t vpn(std::uint64_t vaddr) { return vaddr >> 12 & ((1u << 27) - 1); }

// Address of the entry that translates `vaddr` in a table of this level.
inline std::uint64_t entry_address(std::uint64_t table_ppn, std::uint64_t vaddr, unsigned level) {
    return (table_ppn << 12) + (vaddr >> (12 + 9 * level) & 0x1ff) * 8;
}

// The walk ends here with a page fault, whoever asked.
inline bool is_malformed(std::uint64_t pte, unsigned level, bool napot_16k) {
    const bool napot = napot_16k && level == 0 && (ppn(pte) & 3) == 2;
    const bool reserved = pte << 1 >> 55 || (pte & kN && !napot);
    if (!(pte & kV) || (pte & (kR | kW)) == kW || reserved) return true;
    if (!is_leaf(pte)) return level == 0 || pte & (kA | kD | kU);
    return ppn(pte) & ((1ull << 9 * level) - 1);
}

// May this access use this leaf, perhaps after the walker has set A or D?
inline bool permits(std::uint64_t pte, Access access, const Context& context) {
    const bool user = context.privilege == 0;
    if (user != static_cast<bool>(pte & kU) && (user || access == kFetch || !context.sum)) {
        return false;
    }
    const std::uint64_t recorded = access == kStore ? kA | kD : kA;
    if ((pte & recorded) != recorded && !context.hardware_ad_update) return false;
    switch (access) {
        case kFetch:
            return pte & kX;
        case kLoad:
            return pte & kR || (context.mxr && pte & kX);
        case kStore:
            return pte & kW;
    }
    return false;
}

// Number of the physical 4 KiB page that a leaf gives for an address.
inline std::uint64_t frame(std::uint64_t pte, std::uint64_t vaddr, unsigned level) {
    const std::uint64_t below = pte & kN ? 3 : (1ull << 9 * level) - 1;
    return (ppn(pte) & ~below) | (vaddr >> 12 & below);
}

}  // namespace dynstack::sv39
