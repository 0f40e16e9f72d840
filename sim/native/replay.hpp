#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "elf_loader.hpp"
#include "job.hpp"
#include "lockstep.hpp"
#include "memory_order.hpp"
#include "ports.hpp"

namespace dynstack {

// A run in lockstep: a golden model for every hart, and, where there are several, the check of what
// they do to memory together.
//
// A record is shown two cycles after its access was performed in the D$, other accesses sooner:
// they wait here for the records that were performed before them. Of two accesses in one cycle
// either may come first: they are of different lines, or a hart's own, of which no two are.
class Replay {
  public:
    // Throws Refusal where the golden model cannot be loaded, or refuses the machine.
    Replay(const Job& job, const Image& contents, const Memory& shadow);

    // What the ports show in a cycle, before the shadow memory has its stores: between
    // begin_cycle() and end_cycle(), in this order. Every record is announced before any of the
    // cycle retires: a device may pass on what one hart stores to another at once.
    void begin_cycle(std::uint64_t cycle);
    void walk(unsigned hart, const WalkPorts& port);
    void announce(const RetirePorts& port);
    void retire(unsigned hart, const RetirePorts& port);
    void write(unsigned hart, const StorePorts& port);
    void end_cycle();
    // After the end of the cycle.
    void host_store(std::uint64_t address, std::uint64_t value);

    // What was different first; empty while nothing is.
    const std::string& mismatch() const { return mismatch_; }
    // JSON object: how often each exception was made, by all harts together.
    std::string exceptions() const;

  private:
    struct Waiting {
        std::uint64_t time;
        std::function<void()> perform;
    };

    void wait(std::uint64_t time, std::function<void()> perform);
    void mismatch(unsigned hart);
    std::string histories(unsigned except) const;

    std::uint64_t set_ssip_;
    std::vector<std::unique_ptr<GoldenModel>> models_;
    std::optional<MemoryOrder> order_;
    std::deque<Waiting> waiting_;
    std::uint64_t cycle_ = 0;
    std::string mismatch_;
};

}  // namespace dynstack
