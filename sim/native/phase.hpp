#pragma once

#include <cstdint>
#include <vector>

#include "counters.hpp"
#include "job.hpp"
#include "pc_index.hpp"
#include "record.hpp"

namespace dynstack {

// One finished phase: SAMPLE of sim/job.py, byte for byte.
#pragma pack(push, 1)
struct Sample {
    std::uint16_t phase;
    std::uint16_t hart;
    std::uint32_t nested_traps;
    std::uint64_t begin;
    std::uint64_t end;
    std::uint64_t cycles;
    std::uint64_t nested_cycles;
    std::uint64_t instructions;
    std::uint32_t stalls[kCauses];
    std::uint32_t events[kEvents];
};
#pragma pack(pop)
static_assert(sizeof(Sample) == 48 + 4 * (kCauses + kEvents));

// Finds phases in the records of one hart. PhaseProbe of sim/job.py says what a phase is.
//
// Several phases may be in progress, of one probe too: a stack fault inside the trap entry enters
// the trap vector again. A trap suspends all that are running. A phase resumes with the first
// record after a trap return that has the mode and the stack pointer of the trapped instruction,
// and its pc or that of the next instruction; until then whoever passes its end is somebody else.
class PhaseTracker {
  public:
    PhaseTracker(const std::vector<PhaseProbe>& probes, std::uint16_t hart);

    // `now` includes the cycle of the record; `registers` are those before it.
    void record(const Record& record, const Registers& registers, const Counters& now,
                std::vector<Sample>& finished);

  private:
    // A phase in progress. Counters are those as of the record before the interval.
    struct Active {
        unsigned probe;
        Counters start;
        Counters nested{};  // what is taken out so far
        std::uint32_t nested_traps = 0;
        bool suspended = false;
        Counters suspended_at{};
        std::uint64_t trapped_pc = 0, trapped_sp = 0;
        std::uint8_t trapped_privilege = 0;
        bool in_call = false;  // kReturn: the function has been entered
        std::uint64_t return_pc = 0, return_sp = 0;
    };

    enum class Verdict { kRuns, kEnds, kDropped };

    void advance(const Record& record, const Registers& registers, const Counters& now,
                 std::vector<Sample>& finished);
    void resume_if_returned(Active& active, const Record& record, const Registers& registers);
    bool has_left(const Active& active, const Record& record, const Registers& registers) const;
    Verdict pass(Active& active, const Record& record, const Registers& registers) const;
    void begin(unsigned probe, const Record& record, const Registers& registers,
               const Counters& now, std::vector<Sample>& finished);
    void finish(const Active& active, const Counters& end, std::vector<Sample>& finished) const;

    const std::vector<PhaseProbe>& probes_;
    std::uint16_t hart_;
    PcIndex begins_;
    std::vector<Active> active_;
    Counters previous_{};     // as of the record before; zero: there was none
    Counters before_trap_{};  // as of the record before the last trap
    bool after_trap_ = false;
    bool after_trap_return_ = false;
};

}  // namespace dynstack
