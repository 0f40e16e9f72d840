#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "census.hpp"
#include "collector.hpp"
#include "console.hpp"
#include "dram.hpp"
#include "host_port.hpp"
#include "job.hpp"
#include "memory.hpp"
#include "oracle.hpp"
#include "pc_index.hpp"
#include "ports.hpp"
#include "replay.hpp"
#include "timeline.hpp"
#include "tohost.hpp"
#include "trace.hpp"

namespace dynstack {

enum class Stop {
    kNone,
    kFinisher,
    kTohost,
    kRefused,
    kMaxCycles,
    kBreakpoint,
    kCycleLimit,
    kMismatch
};

// The Verilated model and everything around it, for one job: one clock cycle is one tick().
//
// Outputs are read once a cycle, after the rising edge that begins it; what is driven then reaches
// the machine in the next cycle (sim/testbench.py). Cycles count from 0, the first one in which
// reset is low.
class Machine {
  public:
    // Loads the job's image and blobs. Throws Refusal where they are unusable.
    Machine(Model& top, Job job, int console_descriptor, std::string progress_file);

    // Runs at most `cycles` cycles, reset ones included, and returns how many it ran: fewer when
    // stop() says why.
    std::uint64_t run(std::uint64_t cycles);

    Stop stop() const { return stop_; }
    // The verdict's code; 0 is success.
    std::uint64_t code() const { return code_; }
    // A sentence where there is more to say than stop() does.
    const std::string& sentence() const { return sentence_; }

    void add_breakpoint(std::uint64_t pc) { breakpoints_.add(pc, 0); }
    void remove_breakpoint(std::uint64_t pc) { breakpoints_.remove(pc); }
    // run() stops with kCycleLimit after so many more cycles, unless it stops before.
    // Stop after so many more cycles; 0 takes the limit back.
    void set_cycle_limit(std::uint64_t cycles) {
        cycle_limit_ = cycles ? collector_.cycle() + cycles : ~0ull;
    }
    void host_store(std::uint64_t address, std::uint64_t value) { host_.request(address, value); }

    void set_straps();
    void end_of_run();
    double cycles_per_second() const;

    const Job& job() const { return job_; }
    const Memory& shadow() const { return shadow_; }
    const Collector& collector() const { return collector_; }
    // Empty where the job does not ask for one.
    const std::optional<Census>& census() const { return census_; }
    const Oracle& oracle() const { return oracle_; }
    const Console& console() const { return console_; }
    // Null where the job does not ask for lockstep.
    const Replay* replay() const { return replay_.get(); }

  private:
    Machine(Model& top, Job job, const Image& contents, int console_descriptor,
            std::string progress_file);
    template <bool kTraced>
    void tick();
    template <bool kTraced>
    std::uint64_t ticks(std::uint64_t cycles);
    std::uint64_t run_until_next_edge(std::uint64_t cycles);
    void observe();
    void begin_replay();
    void end_replay();
    void retire(unsigned hart);
    void store(const StorePorts& port);
    void translations(unsigned hart);
    void finisher(std::uint32_t value);
    void drive_host();
    void drive_dram();
    void report_progress() const;
    void stop(Stop reason, std::uint64_t code = 0, std::string sentence = {});

    using Clock = std::chrono::steady_clock;
    static constexpr std::uint64_t kNoLimit = ~0ull;

    Job job_;
    Model& top_;
    std::array<HartPorts, kHarts> harts_;
    DramPorts dram_ports_;
    Memory dram_memory_;
    Memory shadow_;  // memory as every hart sees it, see rtl/trace/store.py
    Dram dram_;
    Console console_;
    HostPort host_;
    bool host_driven_ = false;
    Tohost tohost_;
    Collector collector_;
    Oracle oracle_;
    std::optional<Census> census_;
    std::optional<Timeline> timeline_;
    std::optional<Trace> trace_;
    std::unique_ptr<Replay> replay_;
    PcIndex breakpoints_;
    std::uint64_t cycle_limit_ = kNoLimit;
    bool in_reset_ = true;  // as the machine sees it in this cycle
    Stop stop_ = Stop::kNone;
    std::uint64_t code_ = 0;
    std::string sentence_;
    std::string progress_file_;
    std::optional<Clock::time_point> started_;
    Clock::time_point ended_;
};

}  // namespace dynstack
