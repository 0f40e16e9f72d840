#include "watch.hpp"

#include <algorithm>

#include "refusal.hpp"
#include "text.hpp"

namespace dynstack {
namespace {

std::uint64_t weight(WatchKind kind, std::uint64_t word) {
    return kind == WatchKind::kValidPtes ? word & 1 : word;
}

}  // namespace

Watches::Watches(const std::vector<WatchProbe>& probes, const Memory& memory)
    : probes_(probes), memory_(memory), watched_(probes.size()) {
    for (std::size_t index = 0; index < probes.size(); ++index) {
        const WatchProbe& probe = probes[index];
        if (!memory.contains(probe.base, probe.size) || probe.base % 8 || probe.size % 8) {
            throw Refusal(text("watch '%s' (%llu bytes at %#llx) must be 64-bit words in DRAM",
                               probe.name.c_str(), static_cast<unsigned long long>(probe.size),
                               static_cast<unsigned long long>(probe.base)));
        }
        for (std::uint64_t at = 0; at < probe.size; at += 8) {
            watched_[index].value += weight(probe.kind, memory.read64(probe.base + at));
        }
        low_ = std::min(low_, probe.base);
        high_ = std::max(high_, probe.base + probe.size);
    }
}

void Watches::start(std::uint64_t first) {
    counting_ = true;
    for (Watched& watched : watched_) {
        watched.since = first;
        watched.minimum = watched.maximum = watched.value;
    }
}

void Watches::stop(std::uint64_t last) {
    for (Watched& watched : watched_) {
        integrate(watched, last + 1);
        watched.last = watched.value;
    }
    counting_ = false;
}

void Watches::integrate(Watched& watched, std::uint64_t end) const {
    if (!counting_) return;
    watched.integral += watched.value * (end - watched.since);
    watched.since = end;
}

// Calls visit(watched, weight of the word) for every watched word that the bytes touch.
template <typename Visit>
void Watches::for_each_word(std::uint64_t address, std::uint64_t length, Visit visit) {
    for (std::size_t index = 0; index < probes_.size(); ++index) {
        const WatchProbe& probe = probes_[index];
        for (std::uint64_t word = address & ~7ull; word < address + length; word += 8) {
            if (word < probe.base || word >= probe.base + probe.size) continue;
            visit(watched_[index], weight(probe.kind, memory_.read64(word)));
        }
    }
}

void Watches::before_store(std::uint64_t address, std::uint64_t length, std::uint64_t cycle) {
    for_each_word(address, length, [&](Watched& watched, std::uint64_t weight) {
        integrate(watched, cycle + 1);
        watched.value -= weight;
    });
}

void Watches::after_store(std::uint64_t address, std::uint64_t length) {
    for_each_word(address, length, [&](Watched& watched, std::uint64_t weight) {
        watched.value += weight;
        if (!counting_) return;
        watched.minimum = std::min(watched.minimum, watched.value);
        watched.maximum = std::max(watched.maximum, watched.value);
    });
}

}  // namespace dynstack
