#include "foreign.hpp"

#include <cstring>

#include "fields.hpp"

namespace golden {

namespace {

constexpr std::uint64_t kInterruptBit = 1ull << 63;

bool has_insn(const GoldenRecord& record) {
    return !record.trap ||
           !(record.cause & kInterruptBit || record.cause == CAUSE_FETCH_PAGE_FAULT ||
             record.cause == CAUSE_FETCH_ACCESS);
}

}  // namespace

bool Foreign::write(std::uint64_t address, std::uint64_t value, std::uint64_t bytes) {
    if (!world_.in_dram(address, bytes)) return false;
    if (std::memcmp(world_.addr_to_mem(address), &value, bytes) == 0) return false;
    world_.write(address, &value, bytes);
    hart_.forget_pte(address & ~7ull);
    return true;
}

bool Foreign::walked(std::uint64_t address, std::uint64_t pte) {
    const std::uint64_t before = world_.read64(address);
    if (!write(address, pte, sizeof pte)) return false;
    // A and D of this hart's own are set by Spike when it comes to the access.
    if ((before ^ pte) & ~static_cast<std::uint64_t>(PTE_A | PTE_D)) ++counts_.values;
    return true;
}

bool Foreign::loaded(const GoldenRecord& record) {
    if (!record.mem_read || !write(record.mem_paddr, record.mem_rdata, 1ull << record.mem_size)) {
        return false;
    }
    ++counts_.values;
    return true;
}

// Whether Spike will find this leaf, but for A and D that it sets by itself or that are set
// already.
bool Foreign::walks_to(std::uint64_t vaddr, std::uint64_t pte, std::uint64_t level) {
    const std::optional<Hart::Leaf> leaf = hart_.leaf_of(vaddr);
    if (!leaf || leaf->level != level) return false;
    constexpr std::uint64_t kStatus = PTE_A | PTE_D;
    return ((leaf->pte ^ pte) & ~kStatus) == 0 && (pte & kStatus & ~leaf->pte) == 0;
}

bool Foreign::may_hold(std::uint64_t vaddr, std::uint64_t paddr, access_type type) const {
    return hart_.held(vaddr, type).value_or(paddr) == paddr;
}

void Foreign::guide_fetch(const GoldenRecord& record, Guide& guide) {
    const bool translated = record.fetch_translated != 0;
    const bool same_insn = hart_.holds_insn(record.pc, record.insn);
    if (same_insn && (!translated || hart_.held(record.pc, FETCH) == record.fetch_paddr)) return;
    if (translated) {
        if (!may_hold(record.pc, record.fetch_paddr, FETCH)) hart_.forget_translations();
        if (!walks_to(record.pc, record.fetch_pte, record.fetch_level)) {
            ++counts_.translations;
            guide.fetch = Path{record.pc, record.fetch_paddr, record.fetch_pte,
                               static_cast<unsigned>(record.fetch_level)};
            guide.insn = record.insn;
            return;
        }
    }
    constexpr std::uint64_t kPage = 4096;
    const bool is_long = record.insn % 4 == 3;
    hart_.forget_insn(record.pc);
    if (is_long && record.pc % kPage == kPage - 2) {
        guide.insn = record.insn;
    } else if (write(record.fetch_paddr, record.insn, is_long ? 4 : 2)) {
        ++counts_.instructions;
    }
}

void Foreign::guide_data(const GoldenRecord& record, Guide& guide) {
    if (!record.mem_translated || !(record.mem_read || record.mem_write)) return;
    // Spike translates anew for these, whatever it holds.
    const bool anew = is_lr(record.insn) || is_sc(record.insn);
    const access_type type = record.mem_write ? STORE : LOAD;
    if (!anew && hart_.held(record.mem_vaddr, type) == record.mem_paddr) return;
    if (!may_hold(record.mem_vaddr, record.mem_paddr, LOAD) ||
        !may_hold(record.mem_vaddr, record.mem_paddr, STORE)) {
        hart_.forget_translations();
    }
    if (walks_to(record.mem_vaddr, record.mem_pte, record.mem_level)) return;
    ++counts_.translations;
    guide.data = Path{record.mem_vaddr, record.mem_paddr, record.mem_pte,
                      static_cast<unsigned>(record.mem_level)};
}

Guide Foreign::guide(const GoldenRecord& record) {
    Guide guide;
    if (has_insn(record)) guide_fetch(record, guide);
    if (!record.trap) {
        guide_data(record, guide);
    } else if (!(record.cause & kInterruptBit)) {
        // What Spike holds may be older than what the fault is about.
        hart_.forget_translations();
    }
    return guide;
}

}  // namespace golden
