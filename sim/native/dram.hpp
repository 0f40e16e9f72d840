#pragma once

#include <cstdint>
#include <deque>

#include "memory.hpp"

namespace dynstack {

// What the machine drives in one cycle, and what it sees in a later one; `DramSignature` in
// rtl/mem/bus.py says what the fields mean.
struct DramRequest {
    bool request;
    bool write;
    std::uint64_t address;
    std::uint8_t source;
    bool write_valid;
    std::uint64_t write_data;
};

struct DramResponse {
    bool read_valid = false;
    std::uint8_t read_source = 0;
    std::uint64_t read_data = 0;
    bool write_done = false;
    std::uint8_t write_source = 0;
};

// Timing of the memory outside the RTL, over a Memory that holds its contents.
//
// The first beat of a read is seen `latency` cycles after its request, the others follow one a
// cycle; reads are served in order, and a read waits for the beats of the one before. A write is
// acknowledged `latency` cycles after its last beat. A beat is read when it is sent and written
// when it arrives.
//
// With a seed other than 0 reads, beats and acknowledgements come later than that now and then, at
// moments that depend on the seed and on what was asked for in which cycle, and on nothing else.
class Dram {
  public:
    Dram(Memory& memory, unsigned line_bytes, unsigned latency, std::uint64_t stall_seed = 0)
        : memory_(memory),
          line_beats_(line_bytes / 8),
          latency_(latency),
          random_(stall_seed << 32 | stall_seed) {}

    // Takes what was driven in this cycle, and returns what is to be seen in the next one.
    DramResponse tick(const DramRequest& now) {
        if (now.request || now.write_valid) [[unlikely]]
            accept(now);
        ++cycle_;
        if (reads_.empty() && acknowledgements_.empty()) [[likely]]
            return {};
        return respond();
    }

  private:
    struct Transfer {
        std::uint64_t due;  // first cycle for its first beat, or for the acknowledgement
        std::uint64_t address;
        std::uint8_t source;
    };

    void accept(const DramRequest& now);
    DramResponse respond();
    std::uint64_t random();
    unsigned delay();

    Memory& memory_;
    unsigned line_beats_;
    unsigned latency_;
    std::uint64_t random_;  // 0: nothing is delayed
    std::uint64_t cycle_ = 0;
    std::deque<Transfer> reads_;
    unsigned read_beat_ = 0;
    std::deque<Transfer> writes_;  // requested, beats still to come
    unsigned write_beat_ = 0;
    std::deque<Transfer> acknowledgements_;
};

}  // namespace dynstack
