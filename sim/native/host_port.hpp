#pragma once

#include <cstdint>
#include <deque>

namespace dynstack {

// Stores of the host into the machine's memory, coherent with its caches, one after the other.
class HostPort {
  public:
    struct Store {
        std::uint64_t address;
        std::uint64_t value;
    };

    void request(std::uint64_t address, std::uint64_t value) {
        stores_.push_back({address, value});
    }

    bool busy() const { return !stores_.empty(); }
    const Store& current() const { return stores_.front(); }
    void done() { stores_.pop_front(); }

  private:
    std::deque<Store> stores_;
};

}  // namespace dynstack
