#include "phase.hpp"

#include <algorithm>

namespace dynstack {

namespace {

// A thread that dies inside a phase leaves it behind; the oldest goes first.
constexpr std::size_t kMostActive = 32;

}  // namespace

PhaseTracker::PhaseTracker(const std::vector<PhaseProbe>& probes, std::uint16_t hart)
    : probes_(probes), hart_(hart) {
    for (unsigned index = 0; index < probes.size(); ++index)
        begins_.add(probes[index].begin, index);
}

void PhaseTracker::record(const Record& record, const Registers& registers, const Counters& now,
                          std::vector<Sample>& finished) {
    if (!active_.empty()) advance(record, registers, now, finished);
    // A phase that began with the first record of all would have none before it to count from.
    if (!record.trap && previous_.cycles != 0) {
        for (unsigned probe : begins_.at(record.pc)) begin(probe, record, registers, now, finished);
    }
    if (record.trap) before_trap_ = previous_;
    after_trap_ = record.trap;
    after_trap_return_ = record.is_trap_return();
    previous_ = now;
}

void PhaseTracker::advance(const Record& record, const Registers& registers, const Counters& now,
                           std::vector<Sample>& finished) {
    std::erase_if(active_, [&](Active& active) {
        if (active.suspended) {
            resume_if_returned(active, record, registers);
            if (active.suspended) return false;
        }
        if (has_left(active, record, registers)) {
            finish(active, previous_, finished);
            return true;
        }
        if (record.trap) {
            active.suspended = true;
            active.suspended_at = previous_;
            active.trapped_pc = record.pc;
            active.trapped_sp = registers[kSp];
            active.trapped_privilege = record.privilege;
            ++active.nested_traps;
            return false;
        }
        const Verdict verdict = pass(active, record, registers);
        if (verdict == Verdict::kEnds) finish(active, now, finished);
        return verdict != Verdict::kRuns;
    });
}

void PhaseTracker::resume_if_returned(Active& active, const Record& record,
                                      const Registers& registers) {
    const std::uint64_t skipped = record.pc - active.trapped_pc;
    if (after_trap_return_ && record.privilege == active.trapped_privilege &&
        registers[kSp] == active.trapped_sp && (skipped == 0 || skipped == 2 || skipped == 4)) {
        active.nested += previous_ - active.suspended_at;
        active.suspended = false;
    }
}

// The record is the first one outside, whether it retires or traps.
bool PhaseTracker::has_left(const Active& active, const Record& record,
                            const Registers& registers) const {
    const PhaseProbe& probe = probes_[active.probe];
    switch (probe.end_kind) {
        case PhaseEnd::kBefore:
            return record.pc == probe.end;
        case PhaseEnd::kReturn:
            return active.in_call && record.pc == active.return_pc &&
                   registers[kSp] == active.return_sp;
        case PhaseEnd::kAfter:
            return false;
    }
    return false;
}

// The record retires inside the phase.
PhaseTracker::Verdict PhaseTracker::pass(Active& active, const Record& record,
                                         const Registers& registers) const {
    const PhaseProbe& probe = probes_[active.probe];
    if (probe.unless == record.pc) return Verdict::kDropped;
    if (record.pc == probe.end) {
        if (probe.end_kind == PhaseEnd::kAfter) return Verdict::kEnds;
        if (probe.end_kind == PhaseEnd::kReturn && !active.in_call) {
            active.in_call = true;
            active.return_pc = registers[kRa];
            active.return_sp = registers[kSp];
        }
    }
    return Verdict::kRuns;
}

void PhaseTracker::begin(unsigned probe, const Record& record, const Registers& registers,
                         const Counters& now, std::vector<Sample>& finished) {
    // The same hart begins again without having ended, and not in a nested call: what it had
    // begun led elsewhere.
    std::erase_if(active_, [&](const Active& active) {
        return active.probe == probe && !active.suspended && !active.in_call;
    });
    if (active_.size() == kMostActive) active_.erase(active_.begin());
    const bool from_trap = probes_[probe].begin_at_trap && after_trap_;
    Active active{.probe = probe, .start = from_trap ? before_trap_ : previous_};
    const Verdict verdict = pass(active, record, registers);
    if (verdict == Verdict::kEnds) finish(active, now, finished);
    if (verdict == Verdict::kRuns) active_.push_back(active);
}

void PhaseTracker::finish(const Active& active, const Counters& end,
                          std::vector<Sample>& finished) const {
    const Counters inside = end - active.start - active.nested;
    Sample sample{
        .phase = static_cast<std::uint16_t>(active.probe),
        .hart = hart_,
        .nested_traps = active.nested_traps,
        .begin = active.start.cycles - 1,
        .end = end.cycles - 1,
        .cycles = inside.cycles,
        .nested_cycles = active.nested.cycles,
        .instructions = inside.instructions,
        .stalls = {},
        .events = {},
    };
    const auto narrow = [](std::uint64_t value) { return static_cast<std::uint32_t>(value); };
    std::ranges::transform(inside.stalls, sample.stalls, narrow);
    std::ranges::transform(inside.events, sample.events, narrow);
    finished.push_back(sample);
}

}  // namespace dynstack
