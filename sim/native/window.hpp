#pragma once

#include <cstdint>
#include <optional>
#include <utility>

namespace dynstack {

// The cycles that statistics are taken from, first and last included: those after the cycle in
// which the begin instruction first retires, up to the one in which the end instruction first does
// thereafter; every cycle since reset where no window was asked for.
class Window {
  public:
    using Symbols = std::optional<std::pair<std::uint64_t, std::uint64_t>>;

    explicit Window(const Symbols& symbols) : symbols_(symbols), open_(!symbols) {}

    // An instruction has retired. True when the window opens or closes at the end of this cycle.
    bool passes(std::uint64_t pc) const {
        return symbols_ && !closed_ && pc == (open_ ? symbols_->second : symbols_->first);
    }
    void turn(std::uint64_t cycle) {
        if (open_) {
            last_ = cycle;
            closed_ = true;
        } else {
            first_ = cycle + 1;
        }
        open_ = !open_;
    }

    bool open() const { return open_; }
    bool closed() const { return closed_; }
    std::uint64_t first() const { return first_; }
    std::uint64_t last() const { return last_; }

  private:
    Symbols symbols_;
    bool open_;
    bool closed_ = false;
    std::uint64_t first_ = 0;
    std::uint64_t last_ = 0;
};

}  // namespace dynstack
