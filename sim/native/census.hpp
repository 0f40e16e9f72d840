#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "memory.hpp"
#include "ports.hpp"
#include "record.hpp"

namespace dynstack {

// Counts what kinds of things one hart has done, for the coverage table of random programs: only
// where a job asks for it. sim/torturing/cells.py names the tables' rows, in the order used here.
class Census {
  public:
    explicit Census(const Memory& shadow);

    // Takes a record before the shadow memory gets its store.
    void record(const RetirePorts& port);

    // JSON object: each table as the list of its counts.
    std::string json() const;

  private:
    using Access = unsigned;
    static constexpr unsigned kFetch = 0, kLoad = 1, kStore = 2, kAmo = 3, kAccesses = 4;
    using Outcome = unsigned;
    static constexpr unsigned kOk = 0, kPageFault = 1, kAccessFault = 2, kOutcomes = 3;
    using View = unsigned;
    static constexpr unsigned kUser = 0, kSupervisor = 1, kMprv = 2, kViews = 3;
    using Fence = unsigned;
    static constexpr unsigned kAll = 0, kAddress = 1, kSpace = 2, kBoth = 3, kSvinval = 4,
                              kFences = 5;
    static constexpr unsigned kLevels = 3, kModes = 4, kCodes = 16;

    // Why a walk faults; kPermitted: it does not.
    using Reason = unsigned;
    static constexpr unsigned kInvalid = 0, kWriteOnly = 1, kReserved = 2, kNoLeaf = 3,
                              kPointerBits = 4, kMisaligned = 5, kSupervisorPage = 6, kUserPage = 7,
                              kNoRead = 8, kNoWrite = 9, kNoExecute = 10, kNotAccessed = 11,
                              kNotDirty = 12, kNonCanonical = 13, kReasons = 14,
                              kAbsentTable = kReasons, kPermitted = kReasons + 1;
    struct Walk {
        Reason reason;
        unsigned level;
    };

    struct Pending {
        bool is_return;  // else a trap
        std::uint64_t cause;
        unsigned from;
        bool by_sret;
    };

    void finish(unsigned privilege);
    void trap(const RetirePorts& port);
    void system(const RetirePorts& port);
    void csr(const RetirePorts& port);
    void memory(const RetirePorts& port);
    void count(Access access, unsigned privilege, unsigned level, Outcome outcome);
    std::optional<unsigned> translating(Access access, unsigned privilege) const;
    Walk walk(std::uint64_t vaddr, Access access, unsigned mode) const;

    const Memory& shadow_;
    Registers registers_{};
    std::uint64_t satp_ = 0;
    std::uint64_t mstatus_ = 0;  // MPP, MPRV, SUM, MXR as this class has seen them
    unsigned fence_ = kAll;
    std::optional<Pending> pending_;

    std::array<std::uint64_t, kAccesses * kViews * kLevels * kOutcomes * kFences> translations_{};
    std::array<std::uint64_t, kReasons * kAccesses * kLevels> faults_{};
    std::array<std::uint64_t, kCodes * kModes * kModes> exceptions_{};
    std::array<std::uint64_t, kCodes * kModes * kModes> interrupts_{};
    std::array<std::uint64_t, 2 * 4 * kModes> fences_{};
    std::array<std::uint64_t, 2 * kModes * kModes> returns_{};
    std::map<unsigned, std::array<std::uint64_t, 2>> csrs_;  // reads, writes
    std::vector<std::uint32_t> executions_;  // by 16-bit word from the start of DRAM
};

}  // namespace dynstack
