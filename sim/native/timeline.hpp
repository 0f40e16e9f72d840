#pragma once

#include <array>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "job.hpp"
#include "pc_index.hpp"
#include "record.hpp"
#include "watch.hpp"

namespace dynstack {

// One thing that happened: EVENT of sim/timeline/events.py, byte for byte.
#pragma pack(push, 1)
struct TimelineEvent {
    std::uint64_t cycle;
    std::uint16_t kind;
    std::uint16_t hart;
    std::uint32_t index;
    std::uint64_t a, b, c;
};
#pragma pack(pop)
static_assert(sizeof(TimelineEvent) == 40);

// Writes what happens on the harts to a file, in the order of cycles, as it happens: memory stays
// bounded however long the run is. sim/timeline/events.py says what each kind of event holds.
class Timeline {
  public:
    // Throws Refusal where the file cannot be written.
    Timeline(const TimelineProbe& probe, unsigned harts, const std::vector<Watched>& watches);

    // What a hart spends this cycle in.
    void cycle(std::uint64_t cycle, unsigned hart, unsigned cause, unsigned privilege) {
        const unsigned mode = cause == kIdleCause ? kIdle : privilege;
        if (mode != harts_[hart].mode) {
            harts_[hart].mode = mode;
            write({cycle, kMode, static_cast<std::uint16_t>(hart), mode, 0, 0, 0});
        }
    }

    // `registers` are those before the record.
    void record(std::uint64_t cycle, unsigned hart, const Record& record,
                const Registers& registers);

    // A store retires; `value` is what memory is to hold at `address`, or a device was told.
    void store(std::uint64_t cycle, unsigned hart, std::uint64_t address, std::uint64_t value);

    // Memory has changed in this cycle.
    void memory_changed() { memory_changed_ = true; }

    // After the stores of a cycle: watched values that they changed.
    void end_cycle(std::uint64_t cycle);

    // Throws Refusal where the file could not be written.
    void close();

  private:
    enum Kind : std::uint16_t { kMode, kMark, kTrap, kTrapReturn, kStore, kWatch };
    static constexpr unsigned kIdleCause = 10;  // rtl/trace/cycle.py: StallCause.IDLE
    static constexpr unsigned kIdle = 4;        // beside the numbers of the privileges
    static constexpr unsigned kUnknown = ~0u;

    struct Hart {
        unsigned mode = kUnknown;
        std::uint64_t last_record = 0;
    };

    void write(const TimelineEvent& event);
    void flush();

    const TimelineProbe& probe_;
    const std::vector<Watched>& watches_;
    std::vector<Hart> harts_;
    PcIndex marks_;
    std::vector<std::uint64_t> values_;  // of the watches as written last
    bool memory_changed_ = true;
    std::vector<TimelineEvent> buffer_;
    std::ofstream file_;
};

}  // namespace dynstack
