#include "replay.hpp"

#include "text.hpp"

namespace dynstack {

namespace {

// Cycles from the D$ to the port.
constexpr std::uint64_t kRetireLag = 2, kWalkLag = 1, kHostLag = 0;

constexpr unsigned kNobody = ~0u;

}  // namespace

Replay::Replay(const Job& job, const Image& contents, const Memory& shadow)
    : set_ssip_(job.lockstep->set_ssip) {
    for (unsigned hart = 0; hart < kHarts; ++hart) {
        models_.push_back(std::make_unique<GoldenModel>(job, contents, hart));
    }
    if (kHarts > 1) {
        order_.emplace(shadow, kHarts, job.line_bytes, job.lockstep->store_buffer);
    }
}

void Replay::wait(std::uint64_t time, std::function<void()> perform) {
    auto place = waiting_.end();
    while (place != waiting_.begin() && std::prev(place)->time > time) --place;
    waiting_.insert(place, {time, std::move(perform)});
}

void Replay::begin_cycle(std::uint64_t cycle) {
    cycle_ = cycle;
    if (cycle < kRetireLag) return;
    if (order_) order_->begin(cycle - kRetireLag);
    while (!waiting_.empty() && waiting_.front().time + kRetireLag <= cycle) {
        waiting_.front().perform();
        waiting_.pop_front();
    }
}

// Interrupts of another hart may be seen in the cycle in which the store that raised them retires.
void Replay::announce(const RetirePorts& port) {
    if (port.trap || !port.mem_write || !(port.mem_wdata & 1)) return;
    const std::uint64_t hart = (port.mem_paddr - set_ssip_) / 4;
    if (port.mem_paddr >= set_ssip_ && hart < kHarts) models_[hart]->set_ssip();
}

void Replay::retire(unsigned hart, const RetirePorts& port) {
    if (!models_[hart]->step(port, cycle_)) [[unlikely]]
        mismatch(hart);
    if (!order_) return;
    order_->retire(hart, {.pc = port.pc,
                          .fetch_paddr = port.fetch_paddr,
                          .mem_paddr = port.mem_paddr,
                          .mem_rdata = port.mem_rdata,
                          .mem_wdata = port.mem_wdata,
                          .insn = port.insn,
                          .trap = port.trap,
                          .mem_read = port.mem_read,
                          .mem_write = port.mem_write,
                          .mem_size = port.mem_size});
}

void Replay::write(unsigned hart, const StorePorts& port) {
    if (order_) order_->write(hart, {port.paddr, port.wdata, port.size});
}

void Replay::end_cycle() {
    if (!order_) return;
    order_->end();
    if (order_->violation().empty() || !mismatch_.empty()) [[likely]]
        return;
    mismatch_ = "the harts do not agree on memory: " + order_->violation() + histories(kNobody);
}

void Replay::walk(unsigned hart, const WalkPorts& port) {
    if (!order_) return;
    const WalkRecord record{port.paddr, port.pte, port.wdata, port.from_walk_cache, port.write};
    wait(cycle_ - kWalkLag, [this, hart, record] {
        models_[hart]->walk(record.paddr, record.result());
        order_->walk(hart, record);
    });
}

void Replay::host_store(std::uint64_t address, std::uint64_t value) {
    wait(cycle_ - kHostLag, [this, address, value] {
        for (auto& model : models_) model->host_store(address, value);
        if (order_) order_->host_store(address, value);
    });
}

void Replay::mismatch(unsigned hart) {
    if (!mismatch_.empty()) return;
    if (kHarts > 1) mismatch_ = text("hart %u: ", hart);
    mismatch_ += models_[hart]->report() + histories(hart);
}

std::string Replay::histories(unsigned except) const {
    std::string result;
    for (unsigned hart = 0; hart < kHarts; ++hart) {
        if (hart == except) continue;
        result += text("\nlast records of hart %u, oldest first:", hart) + models_[hart]->history();
    }
    return result;
}

std::string Replay::exceptions() const {
    std::string result = "{";
    for (unsigned kind = 0; const char* name = models_.front()->exception_name(kind); ++kind) {
        std::uint64_t count = 0;
        for (const auto& model : models_) count += model->exception_count(kind);
        result +=
            text("%s\"%s\": %llu", kind ? ", " : "", name, static_cast<unsigned long long>(count));
    }
    return result + "}";
}

}  // namespace dynstack
