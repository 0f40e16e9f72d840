#include "machine.hpp"

#include <algorithm>
#include <cstdio>

#include "elf_loader.hpp"
#include "refusal.hpp"
#include "text.hpp"

namespace dynstack {

namespace {

Image read_contents(const Job& job) {
    Image contents = read_elf(job.image);
    for (const Blob& blob : job.blobs) {
        contents.segments.push_back(read_blob(blob.file, blob.address));
    }
    return contents;
}

std::string endless_traps(unsigned hart, std::uint64_t traps, const RetirePorts& last) {
    using ull = unsigned long long;
    return text(
        "hart %u took %llu traps and returned from none, as where the handler's own stack has no "
        "page; the last at pc %#llx, xcause %#llx, xtval %#llx",
        hart, static_cast<ull>(traps), static_cast<ull>(last.pc), static_cast<ull>(last.cause),
        static_cast<ull>(last.tval));
}

}  // namespace

Machine::Machine(Model& top, Job job, int console_descriptor, std::string progress_file)
    : Machine(top, job, read_contents(job), console_descriptor, std::move(progress_file)) {}

Machine::Machine(Model& top, Job job, const Image& contents, int console_descriptor,
                 std::string progress_file)
    : job_(std::move(job)),
      top_(top),
      harts_(hart_ports(top)),
      dram_ports_(dram_ports(top)),
      dram_memory_(job_.dram_base, job_.dram_bytes, contents.segments),
      shadow_(job_.dram_base, job_.dram_bytes, contents.segments),
      dram_(dram_memory_, job_.line_bytes, job_.dram_latency, job_.strap("stall_seed")),
      console_(console_descriptor),
      tohost_(job_.tohost, job_.fromhost, shadow_, console_, host_),
      collector_(job_, kHarts, shadow_),
      oracle_(kHarts, shadow_, job_.strap("napot_16k") != 0, job_.page_lists),
      progress_file_(std::move(progress_file)) {
    if (job_.tohost && !shadow_.contains(*job_.tohost, 8)) {
        throw Refusal(text("%s has its symbol tohost outside DRAM", job_.image.c_str()));
    }
    check_entry(contents, job_.image);
    set_strap(top_, "reset_pc", contents.entry);
    // Page tables that no walk has read yet matter too: they may name a page that another lost.
    for (const WatchProbe& watch : job_.watches) {
        if (watch.kind != WatchKind::kValidPtes) continue;
        for (std::uint64_t at = 0; at < watch.size; at += 8) oracle_.walked(watch.base + at, 0);
    }
    if (job_.census) census_.emplace(shadow_);
    if (job_.timeline) timeline_.emplace(*job_.timeline, kHarts, collector_.watches());
    if (job_.waves) trace_.emplace(top_, *job_.waves);
    if (job_.lockstep) replay_ = std::make_unique<Replay>(job_, contents, shadow_);
}

void Machine::set_straps() {
    for (const auto& [name, value] : job_.straps) {
        if (!set_strap(top_, name, value)) {
            throw Refusal(text("the model has no strap '%s'", name.c_str()));
        }
    }
}

std::uint64_t Machine::run(std::uint64_t cycles) {
    stop_ = Stop::kNone;
    if (!started_ && !top_.rst) started_ = Clock::now();
    std::uint64_t done = 0;
    try {
        while (done < cycles && stop_ == Stop::kNone) done += run_until_next_edge(cycles - done);
    } catch (const Refusal& refusal) {
        stop(Stop::kRefused, 1, refusal.what());
    }
    if (stop_ != Stop::kNone) {
        console_.flush();
        cycle_limit_ = kNoLimit;
    }
    ended_ = Clock::now();
    return done;
}

// Runs up to the next cycle at which something other than the program may change: the wave window,
// a limit, or the progress display's turn.
std::uint64_t Machine::run_until_next_edge(std::uint64_t cycles) {
    constexpr std::uint64_t kProgressCycles = 1 << 18;
    if (top_.rst || in_reset_) return ticks<false>(top_.rst ? cycles : 1);
    const std::uint64_t now = collector_.cycle();
    bool traced = false;
    std::uint64_t edge = std::min({job_.max_cycles, cycle_limit_, now + kProgressCycles});
    if (trace_ && now <= trace_->last()) {
        traced = now >= trace_->first();
        edge = std::min(edge, traced ? trace_->last() + 1 : trace_->first());
    }
    const std::uint64_t budget = std::min(cycles, edge - now);
    const std::uint64_t done = traced ? ticks<true>(budget) : ticks<false>(budget);
    if (traced && collector_.cycle() > trace_->last()) trace_->close();
    if (stop_ == Stop::kNone) {
        if (collector_.cycle() == job_.max_cycles)
            stop(Stop::kMaxCycles);
        else if (collector_.cycle() == cycle_limit_)
            stop(Stop::kCycleLimit);
    }
    report_progress();
    return done;
}

template <bool kTraced>
std::uint64_t Machine::ticks(std::uint64_t cycles) {
    std::uint64_t done = 0;
    while (done < cycles && stop_ == Stop::kNone) {
        tick<kTraced>();
        ++done;
    }
    return done;
}

template <bool kTraced>
void Machine::tick() {
    const std::uint64_t cycle = collector_.cycle();
    if constexpr (kTraced) trace_->rising_edge(cycle);
    if (!in_reset_) [[likely]]
        observe();
    in_reset_ = top_.rst != 0;
    top_.clk = 0;
    top_.eval();
    if constexpr (kTraced) trace_->falling_edge(cycle);
    top_.clk = 1;
    top_.eval();
}

void Machine::observe() {
    for (unsigned hart = 0; hart < kHarts; ++hart) {
        const CyclePorts& cycle = harts_[hart].cycle;
        const unsigned events = static_cast<unsigned>(cycle.events_itlb_miss) |
                                static_cast<unsigned>(cycle.events_dtlb_miss) << 1 |
                                static_cast<unsigned>(cycle.events_walk) << 2 |
                                static_cast<unsigned>(cycle.events_icache_miss) << 3 |
                                static_cast<unsigned>(cycle.events_dcache_miss) << 4 |
                                static_cast<unsigned>(cycle.events_fence) << 5 |
                                static_cast<unsigned>(cycle.events_mispredict) << 6 |
                                static_cast<unsigned>(cycle.events_exception) << 7 |
                                static_cast<unsigned>(cycle.events_interrupt) << 8;
        collector_.count(hart, cycle.cause, cycle.privilege, events);
        if (timeline_) [[unlikely]]
            timeline_->cycle(collector_.cycle(), hart, cycle.cause, cycle.privilege);
    }
    if (replay_) [[unlikely]]
        begin_replay();
    for (unsigned hart = 0; hart < kHarts; ++hart) {
        if (harts_[hart].retire.valid) retire(hart);
    }
    if (replay_) [[unlikely]]
        end_replay();
    for (unsigned hart = 0; hart < kHarts; ++hart) {
        if (harts_[hart].store.valid) store(harts_[hart].store);
    }
    for (unsigned hart = 0; hart < kHarts; ++hart) translations(hart);
    if (top_.uart_valid) [[unlikely]]
        console_.put(static_cast<char>(top_.uart_data));
    if (top_.finisher_valid) [[unlikely]]
        finisher(top_.finisher_value);
    if (host_.busy() || host_driven_) [[unlikely]]
        drive_host();
    drive_dram();
    if (timeline_) [[unlikely]]
        timeline_->end_cycle(collector_.cycle());
    collector_.end_cycle();
}

void Machine::begin_replay() {
    replay_->begin_cycle(collector_.cycle());
    for (unsigned hart = 0; hart < kHarts; ++hart) {
        if (harts_[hart].walk.valid) replay_->walk(hart, harts_[hart].walk);
        if (harts_[hart].retire.valid) replay_->announce(harts_[hart].retire);
    }
}

void Machine::end_replay() {
    for (unsigned hart = 0; hart < kHarts; ++hart) {
        if (harts_[hart].store.valid) replay_->write(hart, harts_[hart].store);
    }
    replay_->end_cycle();
    if (!replay_->mismatch().empty()) stop(Stop::kMismatch, 0, replay_->mismatch());
}

void Machine::retire(unsigned hart) {
    const RetirePorts& port = harts_[hart].retire;
    const Record record{
        .pc = port.pc,
        .insn = port.insn,
        .privilege = port.privilege,
        .trap = port.trap != 0,
        .rd_valid = port.rd_valid != 0,
        .rd = port.rd,
        .rd_data = port.rd_data,
        .cause = port.cause,
    };
    if (replay_) [[unlikely]] {
        replay_->retire(hart, port);
        // Before the verdict of the store that ends a run.
        if (!replay_->mismatch().empty()) stop(Stop::kMismatch, 0, replay_->mismatch());
    }
    if (census_) [[unlikely]]
        census_->record(port);
    if (timeline_) [[unlikely]] {
        const std::uint64_t cycle = collector_.cycle();
        timeline_->record(cycle, hart, record, collector_.harts()[hart].registers);
        if (port.mem_write && !port.trap)
            timeline_->store(cycle, hart, port.mem_paddr, port.mem_wdata);
    }
    oracle_.record(hart, port, collector_.cycle(), collector_.harts()[hart].registers);
    collector_.record(hart, record);
    const std::uint64_t traps = collector_.harts()[hart].unreturned_traps;
    if (traps > job_.most_unreturned_traps) [[unlikely]]
        stop(Stop::kRefused, 0, endless_traps(hart, traps, port));
    if (!record.trap && !breakpoints_.at(record.pc).empty()) stop(Stop::kBreakpoint);
}

void Machine::store(const StorePorts& port) {
    const std::uint64_t bytes = 1ull << port.size;
    oracle_.before_store(port.paddr);
    collector_.store(port.paddr, &port.wdata, bytes);
    if (timeline_) [[unlikely]]
        timeline_->memory_changed();
    oracle_.after_store(port.paddr, collector_.cycle());
    if (tohost_.hit(port.paddr, bytes)) [[unlikely]] {
        const Tohost::Verdict verdict = tohost_.stored();
        if (verdict.kind == Tohost::Verdict::Kind::kExit) stop(Stop::kTohost, verdict.code);
        if (verdict.kind == Tohost::Verdict::Kind::kRefused) {
            stop(Stop::kRefused, verdict.code, verdict.sentence);
        }
    }
}

void Machine::translations(unsigned hart) {
    const FencePorts& fence = harts_[hart].fence;
    if (fence.valid) [[unlikely]] {
        oracle_.fence(hart,
                      {.has_vaddr = fence.has_vaddr != 0,
                       .has_asid = fence.has_asid != 0,
                       .vaddr = fence.vaddr,
                       .asid = fence.asid},
                      collector_.cycle());
    }
    const WalkPorts& walk = harts_[hart].walk;
    if (walk.valid) [[unlikely]]
        oracle_.walked(walk.paddr, walk.level);
}

// The commands of SiFive's test device, as on QEMU's virt machine.
void Machine::finisher(std::uint32_t value) {
    constexpr std::uint32_t kFail = 0x3333, kPass = 0x5555, kReset = 0x7777;
    switch (value & 0xffff) {
        case kPass:
        case kReset:
            stop(Stop::kFinisher);
            break;
        case kFail:
            stop(Stop::kFinisher, std::max(value >> 16, 1u));
            break;
        default:
            break;  // no command: ignored, as the device does
    }
}

// The port is held until the cycle in which the machine says done.
void Machine::drive_host() {
    if (host_driven_ && top_.host_done) {
        const HostPort::Store store = host_.current();
        if (replay_) replay_->host_store(store.address, store.value);
        host_.done();
    }
    host_driven_ = host_.busy();
    top_.host_valid = host_driven_;
    if (host_driven_) {
        top_.host_address = host_.current().address;
        top_.host_wdata = host_.current().value;
    }
}

void Machine::drive_dram() {
    const DramResponse response = dram_.tick({
        .request = dram_ports_.request != 0,
        .write = dram_ports_.write != 0,
        .address = dram_ports_.address,
        .source = dram_ports_.source,
        .write_valid = dram_ports_.write_valid != 0,
        .write_data = dram_ports_.write_data,
    });
    dram_ports_.read_valid = response.read_valid;
    dram_ports_.read_source = response.read_source;
    dram_ports_.read_data = response.read_data;
    dram_ports_.write_done = response.write_done;
    dram_ports_.write_source = response.write_source;
}

void Machine::stop(Stop reason, std::uint64_t code, std::string sentence) {
    if (stop_ != Stop::kNone && stop_ != Stop::kBreakpoint) return;  // the first verdict counts
    stop_ = reason;
    code_ = code;
    sentence_ = std::move(sentence);
}

void Machine::end_of_run() {
    collector_.end_of_run();
    console_.flush();
    if (timeline_) timeline_->close();
    if (trace_) trace_->close();
}

double Machine::cycles_per_second() const {
    if (!started_) return 0;
    const std::chrono::duration<double> seconds = ended_ - *started_;
    return static_cast<double>(collector_.cycle()) / seconds.count();
}

void Machine::report_progress() const {
    if (progress_file_.empty()) return;
    if (std::FILE* file = std::fopen(progress_file_.c_str(), "w")) {
        std::fprintf(file, "%llu\n", static_cast<unsigned long long>(collector_.cycle()));
        std::fclose(file);
    }
}

}  // namespace dynstack
