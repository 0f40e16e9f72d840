#include "page_tables.hpp"

#include <algorithm>

#include "refusal.hpp"
#include "text.hpp"

namespace dynstack {
namespace {

std::uint64_t key(std::uint64_t frame, unsigned level) {
    return frame >> 9 * level | std::uint64_t{level} << 60;
}

}  // namespace

PageTables::PageTables(const Memory& memory, bool napot_16k, std::vector<Range> lists)
    : memory_(memory),
      napot_16k_(napot_16k),
      lists_(std::move(lists)),
      pages_((memory.bytes() + 4095) >> 12) {
    for (const auto& [base, bytes] : lists_) {
        if (!memory.contains(base, bytes) || base % 8 || bytes % 8) {
            throw Refusal(text("the page list (%llu bytes at %#llx) must be 64-bit words in DRAM",
                               static_cast<unsigned long long>(bytes),
                               static_cast<unsigned long long>(base)));
        }
        for (std::uint64_t at = base; at < base + bytes; at += 8) pages_[page_of(at)] |= kListBit;
    }
}

void PageTables::add(std::uint64_t address, unsigned level) {
    pages_[page_of(address)] |= static_cast<std::uint8_t>(1u << level);
    const std::uint64_t page = address & ~0xfffull;
    for (std::uint64_t at = page; at < page + 4096; at += 8) {
        if (words_.contains(at)) index(at, memory_.read64(at));
    }
}

bool PageTables::in_list(std::uint64_t address) const {
    return std::any_of(lists_.begin(), lists_.end(), [&](const Range& range) {
        return address >= range.first && address - range.first < range.second;
    });
}

void PageTables::stored(std::uint64_t address, std::uint64_t from, std::uint64_t to,
                        std::uint64_t cycle) {
    const unsigned kinds = pages_[page_of(address)];
    const bool list = kinds & kListBit && in_list(address);
    const bool table = kinds & ~kListBit;
    if (!list && !table) return;
    if (!list) {
        from &= ~sv39::kRsw;
        to &= ~sv39::kRsw;
    }
    // An address that a list still had from before is put into it all the same.
    if (from == to && !list) return;
    Word& word = words_[address];
    std::erase_if(word.past, [&](const Held& held) { return held.value == from; });
    word.past.push_back({from, word.since, cycle});
    if (word.past.size() > kRemembered) {
        word.forgotten = word.past.front().until;
        word.past.erase(word.past.begin());
    }
    word.since = cycle;
    index(address, to);
    if (table) ++version_;
}

// Notes under which pages a word is to be found.
void PageTables::index(std::uint64_t address, std::uint64_t value) {
    const auto note = [&](std::uint64_t frame, unsigned level) {
        std::vector<std::uint64_t>& words = named_by_[key(frame, level)];
        if (std::find(words.begin(), words.end(), address) == words.end()) words.push_back(address);
    };
    if (in_list(address)) {
        note(value >> 12, 0);
        return;
    }
    for (unsigned level = 0; level <= sv39::kRootLevel; ++level) {
        if (!(pages_[page_of(address)] & 1u << level)) continue;
        if (sv39::is_malformed(value, level, napot_16k_) || !sv39::is_leaf(value)) continue;
        if (value & sv39::kN) {
            for (unsigned page = 0; page < 4; ++page) note((sv39::ppn(value) & ~3ull) | page, 0);
        } else {
            note(sv39::ppn(value), level);
        }
    }
}

bool PageTables::names(std::uint64_t address, std::uint64_t value, std::uint64_t frame) const {
    if (in_list(address)) return value == frame << 12;
    for (unsigned level = 0; level <= sv39::kRootLevel; ++level) {
        if (!(pages_[page_of(address)] & 1u << level)) continue;
        if (sv39::is_malformed(value, level, napot_16k_) || !sv39::is_leaf(value)) continue;
        const std::uint64_t below = value & sv39::kN ? 3 : (1ull << 9 * level) - 1;
        if ((sv39::ppn(value) & ~below) == (frame & ~below)) return true;
    }
    return false;
}

bool PageTables::handed_over(std::uint64_t frame, std::uint64_t except, std::uint64_t since) const {
    for (unsigned level = 0; level <= sv39::kRootLevel; ++level) {
        const auto found = named_by_.find(key(frame, level));
        if (found == named_by_.end()) continue;
        for (const std::uint64_t address : found->second) {
            if (address == except) continue;
            const Word& word = words_.at(address);
            if (word.since >= since && names(address, memory_.read64(address), frame)) return true;
            for (const Held& held : word.past) {
                if (held.since >= since && names(address, held.value, frame)) return true;
            }
        }
    }
    return false;
}

std::optional<PageTables::Leaf> PageTables::walk(const sv39::Context& context, std::uint64_t vaddr,
                                                 sv39::Access access) {
    if (!sv39::is_canonical(vaddr)) return std::nullopt;
    std::uint64_t table = context.root_ppn;
    for (unsigned level = sv39::kRootLevel;; --level) {
        const std::uint64_t address = sv39::entry_address(table, vaddr, level);
        if (!memory_.contains(address, 8)) return std::nullopt;
        found(address, level);
        const std::uint64_t pte = memory_.read64(address);
        if (sv39::is_malformed(pte, level, napot_16k_)) return std::nullopt;
        if (sv39::is_leaf(pte)) {
            if (!sv39::permits(pte, access, context)) return std::nullopt;
            return Leaf{pte, level};
        }
        table = sv39::ppn(pte);
    }
}

}  // namespace dynstack
