#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_set>

#include "foreign.hpp"
#include "golden_abi.hpp"
#include "hart.hpp"
#include "world.hpp"

namespace golden {

// Everything in which the RTL may differ from Spike, or in which Spike follows the RTL. There is no
// other place; docs/verification.md, "Lockstep exceptions", gives the reasons.
class Exceptions {
  public:
    Exceptions(const GoldenConfig& config, World& world, Hart& hart)
        : config_(config), world_(world), hart_(hart), foreign_(world, hart) {}

    // Bits of mip that the pins of the RTL decide, as Spike is told them.
    std::uint64_t pins() const;

    void interrupt() { ++counts_[kInterrupt]; }

    // Whether this page fault may come from a PTE that the RTL has kept although memory grants the
    // access by now.
    bool stale_fault(const GoldenRecord& record);

    // Around the execution of what this record is about, unless it is an interrupt or stale fault.
    Guide before(const GoldenRecord& record);
    void after(const GoldenRecord& record, Outcome& outcome);

    void host_store(std::uint64_t address, std::uint64_t value);

    // Where other harts write, too: what the walker of this one saw.
    void walk(std::uint64_t address, std::uint64_t pte);

    // SETSSIP raises the software interrupt of S-mode at some time after a store; software sets and
    // clears the same bit. Spike has it from where the RTL takes the interrupt, or reads it.
    void set_ssip() { ssip_sent_ = true; }
    void ssip_taken();

    static constexpr const char* name(unsigned kind) {
        return kind < kKinds ? kNames[kind] : nullptr;
    }
    std::uint64_t count(unsigned kind) const;

  private:
    enum Kind {
        kInterrupt,
        kPendingBits,
        kCounterRead,
        kDeviceLoad,
        kScFailure,
        kStaleFault,
        kHostStore,
        kEarlyAccessed,
        kForeignValue,
        kForeignInstruction,
        kForeignTranslation,
        kKinds
    };
    static constexpr const char* kNames[kKinds] = {
        "interrupts",     "pending_bits",         "counter_reads",       "device_loads",
        "sc_failures",    "stale_faults",         "host_stores",         "early_accessed",
        "foreign_values", "foreign_instructions", "foreign_translations"};
    struct HostStore {
        std::uint64_t address;
        std::uint64_t before;
    };

    void before_csr(const GoldenRecord& record);
    void before_sc(const GoldenRecord& record);
    void after_sc(const GoldenRecord& record);
    void after_csr(const GoldenRecord& record, Outcome& outcome);
    void after_load(const GoldenRecord& record, Outcome& outcome);
    void note_store(const Outcome& outcome);
    void note_pte(std::uint64_t address);
    bool walk_was_written(std::uint64_t vaddr) const;
    void take_rd(const GoldenRecord& record, Outcome& outcome);

    const GoldenConfig config_;
    World& world_;
    Hart& hart_;
    Foreign foreign_;
    std::array<std::uint64_t, kKinds> counts_{};

    std::uint64_t pins_before_ = 0;
    std::uint64_t written_stip_ = 0;  // while STIP is a pin
    bool ssip_sent_ = false;
    // Line of the last LR, until an SC.
    std::optional<std::uint64_t> reserved_;
    // Of an SC that fails: its address, and what Spike had reserved.
    std::uint64_t sc_vaddr_ = 0;
    std::uint64_t sc_reservation_ = 0;
    // The word that the access under way may change, as it was.
    std::uint64_t word_before_ = 0;
    // Words that were changed into valid PTEs since the last fence of everything.
    std::unordered_set<std::uint64_t> written_ptes_;
    std::deque<HostStore> host_stores_;
};

}  // namespace golden
