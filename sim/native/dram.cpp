#include "dram.hpp"

#include "refusal.hpp"
#include "text.hpp"

namespace dynstack {

// Marsaglia's xorshift64, of which 0 is a fixed point.
std::uint64_t Dram::random() {
    random_ ^= random_ << 13;
    random_ ^= random_ >> 7;
    random_ ^= random_ << 17;
    return random_;
}

// Cycles beside the latency: none most of the time, else up to 64.
unsigned Dram::delay() {
    const std::uint64_t bits = random();
    return (bits & 3) == 1 ? static_cast<unsigned>(bits >> 32 & 63) : 0;
}

void Dram::accept(const DramRequest& now) {
    if (now.request) {
        if (!memory_.contains(now.address, 8ull * line_beats_)) {
            throw Refusal(text("the machine asked DRAM for %#llx, which it does not have",
                               static_cast<unsigned long long>(now.address)));
        }
        if (now.write) {
            writes_.push_back({0, now.address, now.source});
        } else {
            reads_.push_back({cycle_ + latency_ + delay(), now.address, now.source});
        }
    }
    if (now.write_valid) {
        if (writes_.empty()) throw Refusal("the machine sent DRAM data that it asked no write for");
        const Transfer& write = writes_.front();
        memory_.write64(write.address + 8ull * write_beat_, now.write_data);
        if (++write_beat_ == line_beats_) {
            acknowledgements_.push_back({cycle_ + latency_ + delay(), write.address, write.source});
            writes_.pop_front();
            write_beat_ = 0;
        }
    }
}

DramResponse Dram::respond() {
    DramResponse response;
    if (!reads_.empty() && cycle_ >= reads_.front().due && (random() & 3) != 1) {
        const Transfer& read = reads_.front();
        response.read_valid = true;
        response.read_source = read.source;
        response.read_data = memory_.read64(read.address + 8ull * read_beat_);
        if (++read_beat_ == line_beats_) {
            reads_.pop_front();
            read_beat_ = 0;
        }
    }
    if (!acknowledgements_.empty() && cycle_ >= acknowledgements_.front().due) {
        response.write_done = true;
        response.write_source = acknowledgements_.front().source;
        acknowledgements_.pop_front();
    }
    return response;
}

}  // namespace dynstack
