#pragma once

#include <cstdint>
#include <memory>

#include "job.hpp"
#include "ports.hpp"

namespace dynstack {

// Writes the cycles of a window as a waveform; cycle N lies at N ns. Only models that were built
// with tracing can.
class Trace {
  public:
    // Throws Refusal where the model cannot write a file of this kind.
    Trace(Model& top, const WaveWindow& window);
    ~Trace();

    std::uint64_t first() const { return window_.first; }
    std::uint64_t last() const { return window_.last; }

    void rising_edge(std::uint64_t cycle) { dump(cycle * kCyclePs); }
    void falling_edge(std::uint64_t cycle) { dump(cycle * kCyclePs + kCyclePs / 2); }
    void close();

  private:
    struct Writer;
    static constexpr std::uint64_t kCyclePs = 1000;

    void dump(std::uint64_t time);

    Model& top_;
    WaveWindow window_;
    std::unique_ptr<Writer> writer_;
};

}  // namespace dynstack
