#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "counters.hpp"
#include "job.hpp"
#include "memory.hpp"
#include "pc_index.hpp"
#include "phase.hpp"
#include "record.hpp"
#include "watch.hpp"
#include "window.hpp"

namespace dynstack {

// What the collector knows of one hart.
struct HartState {
    explicit HartState(const std::vector<PhaseProbe>& probes, std::uint16_t hart)
        : phases(probes, hart) {}

    Counters total;
    PrivilegeCounters by_privilege;
    PrivilegeCounters in_window;  // until the window closes: as of its opening
    Registers registers{};
    std::uint64_t last_pc = 0;
    std::uint64_t unreturned_traps = 0;  // in a row, without an xRET between
    PhaseTracker phases;
};

// Everything that is measured, from the trace ports of all harts. Per cycle: count() for every
// hart, record() for those that have a record, store() for those that show one, then end_cycle().
class Collector {
  public:
    Collector(const Job& job, unsigned harts, Memory& shadow);

    // `events` holds one bit per event.
    void count(unsigned hart, unsigned cause, unsigned privilege, unsigned events) {
        HartState& state = harts_[hart];
        ++state.total.cycles;
        ++state.total.stalls[cause];
        ++state.by_privilege.stalls[privilege][cause];
        if (events) [[unlikely]]
            count_events(state, privilege, events);
    }

    void record(unsigned hart, const Record& record);

    // Applies a store to the shadow memory, whoever made it.
    void store(std::uint64_t address, const void* bytes, std::uint64_t length);

    void end_cycle() { ++cycle_; }

    // Closes the window, if it is open, with the last cycle.
    void end_of_run();

    std::uint64_t cycle() const { return cycle_; }
    const std::vector<HartState>& harts() const { return harts_; }
    const Window& window() const { return window_; }
    const std::vector<Sample>& samples() const { return samples_; }
    const std::vector<std::uint64_t>& counters() const { return counters_; }
    const std::vector<Watched>& watches() const { return watches_.values(); }

  private:
    static void count_events(HartState& state, unsigned privilege, unsigned events);
    void keep_samples_in_window(std::size_t from);
    void turn_window(std::uint64_t cycle);

    const Job& job_;
    Memory& shadow_;
    std::vector<HartState> harts_;
    Window window_;
    Watches watches_;
    PcIndex counter_index_;
    std::vector<std::uint64_t> counters_;
    std::vector<Sample> samples_;
    std::uint64_t cycle_ = 0;
};

}  // namespace dynstack
