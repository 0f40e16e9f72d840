#include "dram.hpp"

#include "refusal.hpp"
#include "text.hpp"

namespace dynstack {

void Dram::accept(const DramRequest& now) {
    if (now.request) {
        if (!memory_.contains(now.address, 8ull * line_beats_)) {
            throw Refusal(text("the machine asked DRAM for %#llx, which it does not have",
                               static_cast<unsigned long long>(now.address)));
        }
        if (now.write) {
            writes_.push_back({0, now.address, now.source});
        } else {
            reads_.push_back({cycle_ + latency_, now.address, now.source});
        }
    }
    if (now.write_valid) {
        if (writes_.empty()) throw Refusal("the machine sent DRAM data that it asked no write for");
        const Transfer& write = writes_.front();
        memory_.write64(write.address + 8ull * write_beat_, now.write_data);
        if (++write_beat_ == line_beats_) {
            acknowledgements_.push_back({cycle_ + latency_, write.address, write.source});
            writes_.pop_front();
            write_beat_ = 0;
        }
    }
}

DramResponse Dram::respond() {
    DramResponse response;
    if (!reads_.empty() && cycle_ >= reads_.front().due) {
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
