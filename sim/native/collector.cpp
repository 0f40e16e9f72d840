#include "collector.hpp"

#include <algorithm>

namespace dynstack {

Collector::Collector(const Job& job, unsigned harts, Memory& shadow)
    : job_(job),
      shadow_(shadow),
      window_(job.window),
      watches_(job.watches, shadow),
      counters_(job.counters.size()) {
    for (unsigned hart = 0; hart < harts; ++hart) {
        harts_.emplace_back(job.phases, static_cast<std::uint16_t>(hart));
    }
    for (unsigned index = 0; index < job.counters.size(); ++index) {
        counter_index_.add(job.counters[index].pc, index);
    }
    if (window_.open()) watches_.start(0);
}

void Collector::count_events(HartState& state, unsigned privilege, unsigned events) {
    for (unsigned event = 0; event < kEvents; ++event) {
        const unsigned happened = events >> event & 1;
        state.total.events[event] += happened;
        state.by_privilege.events[privilege][event] += happened;
    }
}

void Collector::record(unsigned hart, const Record& record) {
    HartState& state = harts_[hart];
    state.last_pc = record.pc;
    if (record.trap) {
        ++state.unreturned_traps;
    } else {
        ++state.total.instructions;
        if (record.is_trap_return()) state.unreturned_traps = 0;
    }

    const std::size_t samples = samples_.size();
    state.phases.record(record, state.registers, state.total, samples_);
    if (samples_.size() != samples) keep_samples_in_window(samples);
    if (record.trap) return;

    if (record.rd_valid) state.registers[record.rd] = record.rd_data;
    if (window_.open()) {
        for (unsigned counter : counter_index_.at(record.pc)) ++counters_[counter];
    }
    if (window_.passes(record.pc)) turn_window(cycle_);
}

void Collector::store(std::uint64_t address, const void* bytes, std::uint64_t length) {
    if (!shadow_.contains(address, length)) return;  // a device
    if (watches_.overlap(address, length)) [[unlikely]] {
        watches_.before_store(address, length, cycle_);
        shadow_.write(address, bytes, length);
        watches_.after_store(address, length);
    } else {
        shadow_.write(address, bytes, length);
    }
}

// A phase counts when all of it lies in the window.
void Collector::keep_samples_in_window(std::size_t from) {
    const auto first = samples_.begin() + static_cast<std::ptrdiff_t>(from);
    const auto outside = [&](const Sample& sample) {
        return !window_.open() || sample.begin + 1 < window_.first();
    };
    samples_.erase(std::remove_if(first, samples_.end(), outside), samples_.end());
}

void Collector::turn_window(std::uint64_t cycle) {
    window_.turn(cycle);
    for (HartState& state : harts_) state.in_window = state.by_privilege - state.in_window;
    if (window_.open()) {
        watches_.start(window_.first());
    } else {
        watches_.stop(window_.last());
    }
}

void Collector::end_of_run() {
    if (window_.open() && cycle_ > 0) turn_window(cycle_ - 1);
}

}  // namespace dynstack
