#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "exceptions.hpp"
#include "golden_abi.hpp"
#include "hart.hpp"
#include "world.hpp"

namespace golden {

// Spike, one record of the RTL's retire port at a time, and what was different at the last one.
class Lockstep {
  public:
    explicit Lockstep(const GoldenConfig& config)
        : world_(config), hart_(config, world_), exceptions_(config, world_, hart_) {}

    // Returns whether both agree. No further step may follow one that says no.
    bool step(const GoldenRecord& record);

    void host_store(std::uint64_t address, std::uint64_t value) {
        exceptions_.host_store(address, value);
    }
    void walk(std::uint64_t address, std::uint64_t pte) { exceptions_.walk(address, pte); }
    void set_ssip() { exceptions_.set_ssip(); }

    // Both sides of the last record, how they differ, and the records before it.
    std::string report() const;
    std::string history() const;
    std::uint64_t exception_count(unsigned kind) const { return exceptions_.count(kind); }

    World& world() { return world_; }

  private:
    static constexpr unsigned kHistory = 20;

    Outcome run(const GoldenRecord& record);
    void compare(const GoldenRecord& record);
    void differ(const char* what, std::uint64_t rtl, std::uint64_t spike);
    std::string line(const GoldenRecord& record) const;

    World world_;
    Hart hart_;
    Exceptions exceptions_;
    std::array<GoldenRecord, kHistory> history_{};
    std::uint64_t records_ = 0;
    Outcome outcome_;
    std::vector<std::string> differences_;
};

}  // namespace golden
