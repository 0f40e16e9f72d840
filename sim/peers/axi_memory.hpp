#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <deque>
#include <stdexcept>
#include <vector>

namespace peers {

// A range of physical addresses.
struct Memory {
    std::uint64_t base;
    std::vector<std::uint8_t> bytes;

    std::uint8_t* at(std::uint64_t address, std::uint64_t length) {
        if (address < base || address - base + length > bytes.size()) {
            throw std::out_of_range("the peer accessed an address that does not exist");
        }
        return bytes.data() + (address - base);
    }
};

// An AXI4 slave in front of a Memory. Bursts are served in order, the first beat of a read
// `latency` cycles after its address, the answer to a write as long after its last beat.
//
// `Port` has the signals of the interface as references to members of a Verilated class.
template <typename Port>
class AxiMemory {
  public:
    AxiMemory(Port port, Memory& memory, unsigned latency)
        : port_(port), memory_(memory), latency_(latency) {
        port_.ar_ready = port_.aw_ready = port_.w_ready = 1;
    }

    // Before a rising edge: takes what is handed over at it. Returns whether a write was complete.
    bool sample() {
        ++cycle_;
        if (port_.r_valid && port_.r_ready) [[unlikely]]
            next_beat(reads_);
        if (port_.b_valid && port_.b_ready) [[unlikely]]
            answers_.pop_front();
        if (port_.ar_valid) [[unlikely]]
            reads_.push_back(burst(port_.ar_addr, port_.ar_id, port_.ar_len, port_.ar_size));
        if (port_.aw_valid) [[unlikely]]
            writes_.push_back(burst(port_.aw_addr, port_.aw_id, port_.aw_len, port_.aw_size));
        if (port_.w_valid) [[unlikely]] {
            beats_.emplace_back();
            beats_.back().strobe = port_.w_strb;
            std::memcpy(beats_.back().bytes.data(), &port_.w_data, kBytes);
        }
        // Data may come before its address.
        if (writes_.empty() || beats_.empty()) [[likely]]
            return false;
        return store();
    }

    // After a rising edge: drives what is to be seen at the next one.
    void drive() {
        const bool reads = !reads_.empty() && cycle_ >= reads_.front().due;
        if (reads) [[unlikely]] {
            const Burst& from = reads_.front();
            std::memcpy(&port_.r_data, memory_.at(from.address & ~(kBytes - 1), kBytes), kBytes);
            port_.r_id = from.id;
            port_.r_last = from.beats == 1;
        }
        port_.r_valid = reads;
        const bool answers = !answers_.empty() && cycle_ >= answers_.front().due;
        if (answers) [[unlikely]]
            port_.b_id = answers_.front().id;
        port_.b_valid = answers;
    }

  private:
    static constexpr std::uint64_t kBytes = sizeof(Port::r_data);

    struct Burst {
        std::uint64_t due, address;
        std::uint8_t id;
        unsigned beats, step;
    };
    struct Beat {
        std::array<std::uint8_t, kBytes> bytes;
        std::uint64_t strobe;
    };

    Burst burst(std::uint64_t address, std::uint8_t id, unsigned length, unsigned size) const {
        return {cycle_ + latency_, address, id, length + 1, 1u << size};
    }

    // True at the last.
    static bool next_beat(std::deque<Burst>& bursts) {
        bursts.front().address += bursts.front().step;
        if (--bursts.front().beats != 0) return false;
        bursts.pop_front();
        return true;
    }

    bool store() {
        const Burst to = writes_.front();
        const Beat& beat = beats_.front();
        std::uint8_t* bytes = memory_.at(to.address & ~(kBytes - 1), kBytes);
        for (unsigned i = 0; i < kBytes; ++i) {
            if (beat.strobe >> i & 1) bytes[i] = beat.bytes[i];
        }
        beats_.pop_front();
        if (!next_beat(writes_)) return false;
        answers_.push_back({cycle_ + latency_, 0, to.id, 0, 0});
        return true;
    }

    Port port_;
    Memory& memory_;
    unsigned latency_;
    std::uint64_t cycle_ = 0;
    std::deque<Burst> reads_, writes_, answers_;
    std::deque<Beat> beats_;
};

}  // namespace peers
