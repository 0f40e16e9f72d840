#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "memory.hpp"
#include "sv39.hpp"

namespace dynstack {

inline constexpr std::uint64_t kStillHeld = ~0ull;

// Page tables in memory, with what their entries held before. A page becomes one when a walk reads
// an entry from it; what was stored there earlier no walker has used.
//
// Also lists in which a kernel keeps the addresses of free pages: of both kinds of words it is
// known when they came to name a physical page.
class PageTables {
  public:
    using Range = std::pair<std::uint64_t, std::uint64_t>;  // address, bytes

    // `lists` are made of 64-bit words.
    PageTables(const Memory& memory, bool napot_16k, std::vector<Range> lists);

    // A walk reads an entry of this level here.
    void found(std::uint64_t address, unsigned level) {
        if (!memory_.contains(address, 8)) return;
        if (!(pages_[page_of(address)] & 1u << level)) [[unlikely]]
            add(address, level);
    }

    // A store to this address may concern a page table or a list.
    bool concerned(std::uint64_t address) const {
        return memory_.contains(address, 1) && pages_[page_of(address)];
    }
    // The 64-bit word here was stored to in this cycle.
    void stored(std::uint64_t address, std::uint64_t from, std::uint64_t to, std::uint64_t cycle);

    // Changes with every entry that does.
    std::uint64_t version() const { return version_; }

    // The leaf that the specification's walk finds now, and its level; nothing where it faults.
    struct Leaf {
        std::uint64_t pte;
        unsigned level;
    };
    std::optional<Leaf> walk(const sv39::Context& context, std::uint64_t vaddr,
                             sv39::Access access);

    // Calls visit(value, until) for what an entry holds now (kStillHeld), and what it held until
    // the end of an earlier cycle. RSW is left out.
    template <typename Visit>
    void each_value(std::uint64_t address, Visit visit) const {
        if (!memory_.contains(address, 8)) return;
        visit(memory_.read64(address) & ~sv39::kRsw, kStillHeld);
        const auto word = words_.find(address);
        if (word == words_.end()) return;
        for (const Held& held : word->second.past) visit(held.value, held.until);
    }
    // Until this cycle an entry may have held values that each_value() does not know any more.
    std::uint64_t forgotten(std::uint64_t address) const {
        const auto word = words_.find(address);
        return word == words_.end() ? 0 : word->second.forgotten;
    }

    // A leaf elsewhere than at `except`, or a list, came to name this page in the cycle or later.
    bool handed_over(std::uint64_t frame, std::uint64_t except, std::uint64_t since) const;

    bool napot_16k() const { return napot_16k_; }

  private:
    struct Held {
        std::uint64_t value;
        std::uint64_t since;  // the last time
        std::uint64_t until;
    };
    struct Word {
        std::uint64_t since = 0;  // of what it holds now; 0: since before it was an entry
        std::vector<Held> past;   // of different values, by `until`
        std::uint64_t forgotten = 0;
    };
    static constexpr unsigned kListBit = 1 << 3;
    static constexpr std::size_t kRemembered = 64;  // values of a word

    std::size_t page_of(std::uint64_t address) const { return (address - memory_.base()) >> 12; }
    void add(std::uint64_t address, unsigned level);
    bool in_list(std::uint64_t address) const;
    void index(std::uint64_t address, std::uint64_t value);
    bool names(std::uint64_t address, std::uint64_t value, std::uint64_t frame) const;

    const Memory& memory_;
    bool napot_16k_;
    std::vector<Range> lists_;
    std::vector<std::uint8_t> pages_;  // of DRAM: bit per level, and kListBit
    std::unordered_map<std::uint64_t, Word> words_;
    // Words that have come to name a page, by number and level of the page.
    std::unordered_map<std::uint64_t, std::vector<std::uint64_t>> named_by_;
    std::uint64_t version_ = 1;
};

}  // namespace dynstack
