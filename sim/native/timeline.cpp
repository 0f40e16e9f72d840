#include "timeline.hpp"

#include <cerrno>
#include <cstring>

#include "refusal.hpp"
#include "text.hpp"

namespace dynstack {
namespace {

constexpr std::size_t kBufferedEvents = 4096;
constexpr std::uint64_t kNoValue = ~0ull;

}  // namespace

Timeline::Timeline(const TimelineProbe& probe, unsigned harts, const std::vector<Watched>& watches)
    : probe_(probe),
      watches_(watches),
      harts_(harts),
      values_(watches.size(), kNoValue),
      file_(probe.file, std::ios::binary) {
    for (unsigned index = 0; index < probe.marks.size(); ++index) {
        marks_.add(probe.marks[index], index);
    }
    buffer_.reserve(kBufferedEvents);
    flush();
}

void Timeline::record(std::uint64_t cycle, unsigned hart, const Record& record,
                      const Registers& registers) {
    const auto number = static_cast<std::uint16_t>(hart);
    Hart& state = harts_[hart];
    if (record.trap) {
        write({cycle, kTrap, number, record.privilege, record.cause, record.pc, state.last_record});
    } else {
        for (unsigned mark : marks_.at(record.pc)) {
            write({cycle, kMark, number, mark, registers[kTp], registers[kA0], registers[kA0 + 1]});
        }
        if (record.is_trap_return()) {
            write({cycle, kTrapReturn, number, record.privilege, record.pc, 0, 0});
        }
    }
    state.last_record = cycle;
}

void Timeline::store(std::uint64_t cycle, unsigned hart, std::uint64_t address,
                     std::uint64_t value) {
    for (unsigned index = 0; index < probe_.stores.size(); ++index) {
        const auto& [base, size] = probe_.stores[index];
        if (address - base >= size) continue;
        write({cycle, kStore, static_cast<std::uint16_t>(hart), index, address, value, 0});
    }
}

void Timeline::end_cycle(std::uint64_t cycle) {
    if (!memory_changed_) return;
    memory_changed_ = false;
    for (std::uint32_t index = 0; index < watches_.size(); ++index) {
        if (watches_[index].value == values_[index]) continue;
        values_[index] = watches_[index].value;
        write({cycle, kWatch, 0, index, values_[index], 0, 0});
    }
}

void Timeline::write(const TimelineEvent& event) {
    buffer_.push_back(event);
    if (buffer_.size() == kBufferedEvents) flush();
}

void Timeline::flush() {
    file_.write(reinterpret_cast<const char*>(buffer_.data()),
                static_cast<std::streamsize>(buffer_.size() * sizeof(TimelineEvent)));
    buffer_.clear();
    if (!file_.flush()) {
        throw Refusal(text("%s cannot be written: %s", probe_.file.c_str(), std::strerror(errno)));
    }
}

void Timeline::close() {
    if (file_.is_open()) flush();
    file_.close();
}

}  // namespace dynstack
